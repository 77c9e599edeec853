import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { Named, StageView } from '../api/types';
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
          {stage.passed_on && (
            <div className="c-subtle">
              {text.passedOn[stage.passed_on.to]} · <When at={stage.passed_on.at} />
            </div>
          )}
          {stage.times_out_at && (
            <div className="c-subtle">
              <When at={stage.times_out_at} relative />: {text.timesOut(t.common.either(stage.fallback))}
            </div>
          )}
          {stage.approvals.map((approval) => (
            <div key={approval.by.id}>
              {text.approvedBy(nameOf(approval.by, approval.on_behalf_of))} {approval.days != null && text.approvedForDays(approval.days)} ·{' '}
              <When at={approval.at} />
              {approval.rationale && <blockquote className="c-prose">{approval.rationale}</blockquote>}
            </div>
          ))}
          {stage.taken_back.map((taken) => (
            <div key={taken.at}>
              {text.tookBack(taken.by.name, nameOf(taken.approval.by, taken.approval.on_behalf_of))} · <When at={taken.at} />
              {taken.rationale && <blockquote className="c-prose">{taken.rationale}</blockquote>}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}

/** Somebody, and for whom they did it if they stood in for somebody. */
export function nameOf(by: Named, onBehalfOf?: Named | null): string {
  return onBehalfOf ? text.forSomebody(by.name, onBehalfOf.name) : by.name;
}

function quorumWords({ quorum, approvals }: StageView): string {
  return typeof quorum === 'object' ? text.quorum(approvals.length, quorum.at_least) : text.quorumAll;
}
