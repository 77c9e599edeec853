import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { StageView } from '../api/types';
import { t } from '../messages';
import { When } from '../shell/When';

const text = t.requests;

const colours: Record<StageView['standing'], ThemeAppearance> = { decided: 'success', open: 'inprogress', ahead: 'default' };

/** Stage after stage: who can decide, who decided what, and why. */
export function Stages({ stages }: { stages: readonly StageView[] }) {
  return (
    <ol className="c-timeline" aria-label={text.stages}>
      {stages.map((stage, place) => (
        <li key={place}>
          <div className="c-actions">
            <strong>{stage.name}</strong>
            <Lozenge appearance={colours[stage.standing]}>{text.standings[stage.standing]}</Lozenge>
          </div>
          <div className="c-subtle">
            {text.canDecide(t.common.either(stage.approvers))}
            {stage.since && (
              <>
                {' · '}
                {text.waitsSince} <When at={stage.since} />
              </>
            )}
            {stage.quorum !== 'any' && ` · ${quorumWords(stage)}`}
          </div>
          {stage.approvals.map((approval) => (
            <div key={approval.by.id}>
              {text.approvedBy(approval.by.name)} {approval.days != null && text.approvedForDays(approval.days)} · <When at={approval.at} />
              {approval.rationale && <blockquote className="c-prose">{approval.rationale}</blockquote>}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}

function quorumWords({ quorum, approvals }: StageView): string {
  return typeof quorum === 'object' ? text.quorum(approvals.length, quorum.at_least) : text.quorumAll;
}
