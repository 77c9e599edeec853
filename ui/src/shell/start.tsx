import Button from '@atlaskit/button/new';
import EmptyState from '@atlaskit/empty-state';
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
    await render(<Frame surface={surface} session={answer.session} />);
  } catch (error) {
    await render(
      <main className="c-alone">
        <EmptyState
          header={t.shell.cannotStart}
          headingLevel={1}
          description={describeError(error)}
          primaryAction={
            <Button appearance="primary" onClick={() => location.reload()}>
              {t.common.tryAgain}
            </Button>
          }
        />
      </main>,
    );
  }
}
