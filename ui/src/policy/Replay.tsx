import Button from '@atlaskit/button/new';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import { useParts } from '../api/parts';
import { t } from '../messages';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';

const text = t.governance;

/** Computes every past evaluation again, part by part, and tells what differs: nothing should. */
export function Replay() {
  const replay = useParts('policies.replay');
  const count = replay.parts.reduce((sum, part) => sum + part.requests, 0);
  const differences = replay.parts.flatMap((part) => part.differences);
  const done = !replay.busy && replay.parts.length > 0 && replay.error === null;
  return (
    <Section title={text.pastTitle}>
      <p className="c-lead">{text.pastLead}</p>
      <div className="c-actions c-or">
        <Button onClick={() => void replay.start({})} isLoading={replay.busy}>
          {text.replay}
        </Button>
        {replay.busy && <Button onClick={replay.stop}>{text.stop}</Button>}
      </div>
      <div aria-live="polite" className="c-or">
        {replay.busy && (
          <>
            <ProgressBar ariaLabel={text.replaying(count)} isIndeterminate />
            <p>{text.replaying(count)}</p>
          </>
        )}
        {replay.error !== null && <Problem error={replay.error} />}
        {done && replay.stopped && <p>{t.backTest.stopped}</p>}
        {done && differences.length === 0 && (
          <SectionMessage appearance="success" title={count === 0 ? text.sameNone : text.same(count)}>
            <p>{text.sameDetail}</p>
          </SectionMessage>
        )}
        {differences.length > 0 && (
          <SectionMessage appearance="error" title={text.differ(differences.length)}>
            <p>{text.differDetail}</p>
            <ul aria-label={text.differing}>
              {differences.map((difference) => (
                <li key={difference.request}>
                  <a className="c-underlined" href={`#/requests/${difference.request}`}>
                    {text.requestOf(difference.request)}
                  </a>{' '}
                  ({t.requests.policyVersion(difference.policy_version)}): {text.differs[difference.differs]}
                </li>
              ))}
            </ul>
          </SectionMessage>
        )}
      </div>
    </Section>
  );
}
