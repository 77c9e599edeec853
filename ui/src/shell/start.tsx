import Button, { LinkButton } from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
import type { ReactNode } from 'react';
import { httpTransport } from '../api/http';
import { onSignedOut } from '../api/invoke';
import { getSession, signInAddress } from '../api/session';
import { chooseTransport } from '../api/transport';
import { t } from '../messages';
import { Frame, type Surface } from './Frame';
import { describeError } from './problems';
import { render } from './render';

/** Starts a surface for whoever is signed in; anyone else goes to sign in and comes back here. */
export async function startSurface(surface: Surface): Promise<void> {
  const toSignIn = () => location.assign(signInAddress(location.pathname + location.search + location.hash));
  chooseTransport(httpTransport);
  onSignedOut(toSignIn);
  try {
    const answer = await getSession();
    if (!answer.signedIn) return toSignIn();
    if (surface.name === 'admin' && !answer.session.may.administer) {
      return await render(
        <Alone title={t.shell.adminOnly} hint={t.shell.adminOnlyHint} action={<LinkButton href="/app">{t.shell.toApp}</LinkButton>} />,
      );
    }
    await render(<Frame surface={surface} session={answer.session} />);
  } catch (error) {
    const again = <Button onClick={() => location.reload()}>{t.common.tryAgain}</Button>;
    await render(<Alone title={t.shell.cannotStart} hint={describeError(error)} action={again} />);
  }
}

/** A page without the frame, for whoever cannot get one. */
function Alone({ title, hint, action }: { title: string; hint: string; action: ReactNode }) {
  return (
    <main className="c-alone">
      <EmptyState header={title} headingLevel={1} description={hint} primaryAction={action} />
    </main>
  );
}
