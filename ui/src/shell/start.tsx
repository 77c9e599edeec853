import Button, { LinkButton } from '@atlaskit/button/new';
import { httpTransport } from '../api/http';
import { onSignedOut } from '../api/invoke';
import { getSession, signInAddress } from '../api/session';
import { chooseTransport } from '../api/transport';
import { inForge } from '../forge/bridge';
import { t } from '../messages';
import { Alone } from './Alone';
import { Frame, type Surface } from './Frame';
import { describeError } from './problems';
import { render } from './render';

/**
 * Starts a surface, in Jira's frame or on our own server: there for whoever is signed in; anyone else goes to sign in and comes back
 * here.
 */
export async function startSurface(surface: Surface): Promise<void> {
  if (inForge()) return (await import('../forge/start')).startInForge(surface);
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
