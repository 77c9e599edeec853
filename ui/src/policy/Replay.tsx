import Button from '@atlaskit/button/new';
import ProgressBar from '@atlaskit/progress-bar';
import SectionMessage from '@atlaskit/section-message';
import type { Output } from '../api/operations';
import { useParts } from '../api/parts';
import { t } from '../messages';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';

const text = t.governance;

/** Computes every past evaluation again, part by part, and tells what differs: nothing should. */
export function Replay() {
  const replay = useParts('policies.replay');
  const count = replay.parts.reduce((sum, part) => sum + part.requests + part.tool_proposals + part.emergencies + part.renewals, 0);
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
                <li key={idOf(difference)}>
                  <What difference={difference} /> ({t.requests.policyVersion(difference.policy_version)}):{' '}
                  {text.differs[difference.differs]}
                </li>
              ))}
            </ul>
          </SectionMessage>
        )}
      </div>
    </Section>
  );
}

type Difference = Output<'policies.replay'>['differences'][number];

const idOf = ({ request, tool_proposal: proposal, emergency, review }: Difference) => request ?? proposal ?? emergency ?? review ?? '';

/** What differs, where it can be seen. */
function What({ difference }: { difference: Difference }) {
  const { request, tool_proposal: proposal, emergency } = difference;
  if (request)
    return (
      <a className="c-underlined" href={`#/requests/${request}`}>
        {text.requestOf(request)}
      </a>
    );
  if (proposal)
    return (
      <a className="c-underlined" href={`#/proposed-tools/${proposal}`}>
        {text.proposalOf(proposal)}
      </a>
    );
  return <>{emergency ? text.emergencyOf(emergency) : text.reviewOf(idOf(difference))}</>;
}
