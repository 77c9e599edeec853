import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { GrantActions } from '../access/GrantActions';
import { GrantStateLozenge } from '../access/GrantStateLozenge';
import { OperationError } from '../api/errors';
import { useOperation } from '../api/hooks';
import type { IssueView, RequestView } from '../api/types';
import { DecisionButtons } from '../approvals/DecisionButtons';
import { t } from '../messages';
import { AnswerDialog, WithdrawDialog } from '../requests/RequesterDialogs';
import { RequestStateLozenge } from '../requests/RequestStateLozenge';
import { Empty } from '../shell/Empty';
import { LoadingRows } from '../shell/Loading';
import { Facts, Section } from '../shell/Page';
import { PanelTitle } from '../shell/PanelTitle';
import { describeError, Problem } from '../shell/problems';
import { When } from '../shell/When';
import { ConfirmDialog } from './ConfirmDialog';

const text = t.issues;

/** Where the clearance of one issue stands: for its reporter in the portal, for agents beside the issue. */
export default function IssuePanel({ issue }: { issue: string }) {
  return (
    <>
      <PanelTitle>{text.title}</PanelTitle>
      <Clearance issue={issue} />
    </>
  );
}

function Clearance({ issue }: { issue: string }) {
  const query = useOperation('issues.get', { issue });
  if (query.error instanceof OperationError && query.error.code === 'not_found') {
    return <Empty title={text.notOurs} hint={text.notOursHint} />;
  }
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <LoadingRows label={t.common.loading(text.title)} rows={4} />;
  return <Standing view={query.data} />;
}

function Standing({ view }: { view: IssueView }) {
  const { summary, request, grant, native } = view;
  return (
    <>
      {native.mismatch && (
        <div className="c-banner">
          <SectionMessage appearance="warning" title={text.mismatchTitle}>
            <p>{text.mismatches[native.mismatch]}</p>
          </SectionMessage>
        </div>
      )}
      {view.confirmation && <Unconfirmed view={view} confirmation={view.confirmation} />}
      {summary && (
        <Facts
          rows={[
            [text.state, <RequestStateLozenge state={summary.state} />],
            [
              text.access,
              summary.access ? <GrantStateLozenge grant={grant ?? { state: summary.access as never, end_reason: null }} /> : null,
            ],
            [text.tool, summary.tool.name],
            [text.requester, summary.requester.name],
            [text.days, t.common.days(summary.days)],
            [text.whoCanAct, view.who_can_act.length > 0 ? t.common.either(view.who_can_act) : text.nobody],
            [text.since, <When at={view.since} relative />],
            [text.lapses, summary.deadline ? <When at={summary.deadline} relative /> : null],
            [text.ends, summary.ends_at ? <When at={summary.ends_at} relative /> : null],
          ]}
        />
      )}
      {request && <RequestActions request={request} />}
      {grant && (
        <div className="c-or">
          <GrantActions grant={grant} />
        </div>
      )}
      {request?.purpose && (
        <Section title={text.purpose}>
          <p className="c-prose">{request.purpose}</p>
        </Section>
      )}
      {view.history.length > 0 && (
        <Section title={text.history}>
          <ol className="c-timeline">
            {view.history.map((item, place) => (
              <li key={place}>
                {(text.happened as Record<string, string | undefined>)[item.what] ?? item.what} · <When at={item.at} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {!native.known && <p className="c-subtle">{text.jiraUnknown}</p>}
      {native.approvals.length > 0 && (
        <Section title={text.approvalSteps}>
          <p className="c-lead">{text.approvalStepsHint}</p>
          <ul className="c-plain">
            {native.approvals.map(({ name, decision }) => (
              <li key={name} className="c-actions">
                {name} <Lozenge>{text.decisions[decision]}</Lozenge>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** What this person may do about the request: exactly what the server says. */
function RequestActions({ request }: { request: RequestView }) {
  const [open, setOpen] = useState<'answer' | 'withdraw' | null>(null);
  const close = () => setOpen(null);
  if (!request.may_decide && !request.may_answer && !request.may_cancel) return null;
  return (
    <div className="c-actions c-or">
      {request.may_decide && <DecisionButtons request={request} />}
      {request.may_answer && (
        <Button appearance="primary" onClick={() => setOpen('answer')}>
          {t.requests.answer}
        </Button>
      )}
      {request.may_cancel && <Button onClick={() => setOpen('withdraw')}>{t.requests.withdraw}</Button>}
      <AnswerDialog request={request} isOpen={open === 'answer'} onClose={close} />
      <WithdrawDialog request={request} isOpen={open === 'withdraw'} onClose={close} />
    </div>
  );
}

/** An issue of which no request came yet, and who can change that. */
function Unconfirmed({ view, confirmation }: { view: IssueView; confirmation: NonNullable<IssueView['confirmation']> }) {
  const [open, setOpen] = useState(false);
  const { reason, may_confirm: mayConfirm, asked } = confirmation;
  return (
    <>
      <SectionMessage appearance="information" title={text.waits}>
        <p>{text.reasons[reason.why]}</p>
        {reason.why === 'refused' && <p>{describeError(new OperationError(reason.code, '', 409))}</p>}
        {!mayConfirm && (
          <p>{view.who_can_act.length > 0 ? `${text.whoCanAct}: ${t.common.either(view.who_can_act)}.` : text.confirmWait}</p>
        )}
        <p>
          {text.since} <When at={view.since} relative />
        </p>
      </SectionMessage>
      {mayConfirm && (
        <p className="c-or">
          <Button appearance="primary" onClick={() => setOpen(true)}>
            {text.confirmAction}
          </Button>
        </p>
      )}
      <ConfirmDialog issue={view.issue} asked={asked ?? null} isOpen={open} onClose={() => setOpen(false)} />
    </>
  );
}
