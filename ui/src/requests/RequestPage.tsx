import Button, { LinkButton } from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useOperation } from '../api/hooks';
import type { RequestView } from '../api/types';
import { DecisionButtons } from '../approvals/DecisionButtons';
import { TakeBackDialog } from '../approvals/TakeBackDialog';
import { DataClasses } from '../catalog/lozenges';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSession, useSurface } from '../shell/session';
import { When } from '../shell/When';
import { ReceiptDialog, tookPart } from './ReceiptDialog';
import { AcceptSeatDialog, AnswerDialog, DeclineSeatDialog, WithdrawDialog } from './RequesterDialogs';
import { RequestStateLozenge } from './RequestStateLozenge';
import { nameOf, Stages } from './Stages';
import { WhoCanAct } from './WhoCanAct';

const text = t.requests;

/** One request: what was asked, what policy said, who decided, and what this person may do now. */
export default function RequestPage({ id }: { id: string }) {
  const query = useOperation('requests.get', { request: id });
  const request = query.data?.request;
  const surface = useSurface();
  const { person } = useSession();
  const others = request && request.requester.id !== person.id;
  const back =
    surface === 'app' && others
      ? { href: '#/approvals', label: t.approvals.title }
      : { href: '#/requests', label: surface === 'app' ? text.title : text.adminTitle };
  return (
    <Page title={text.requestTitle(request?.tool.name ?? '')} back={back} actions={request && <Actions request={request} />}>
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {request && <Details request={request} />}
    </Page>
  );
}

function Actions({ request }: { request: RequestView }) {
  const [open, setOpen] = useState<'withdraw' | 'answer' | 'receipt' | 'take back' | 'accept' | 'decline' | null>(null);
  const { person } = useSession();
  const close = () => setOpen(null);
  // Whoever asked gives the place or the seat up; an administrator withdraws the request.
  const leaves = request.seat != null && request.requester.id === person.id;
  return (
    <>
      {request.grant && <LinkButton href={`#/access/${request.grant}`}>{text.seeAccess}</LinkButton>}
      {request.may_decide && <DecisionButtons request={request} />}
      {request.may_answer && (
        <Button appearance="primary" onClick={() => setOpen('answer')}>
          {text.answer}
        </Button>
      )}
      {request.may_accept_seat && (
        <Button appearance="primary" onClick={() => setOpen('accept')}>
          {text.acceptSeat}
        </Button>
      )}
      {request.may_cancel && !leaves && <Button onClick={() => setOpen('withdraw')}>{text.withdraw}</Button>}
      {request.may_cancel && leaves && <Button onClick={() => setOpen('decline')}>{text.declineSeat}</Button>}
      {request.may_withdraw_approval && <Button onClick={() => setOpen('take back')}>{t.approvals.withdraw}</Button>}
      {tookPart(request, person.id) && <Button onClick={() => setOpen('receipt')}>{t.receipt.action}</Button>}
      <ReceiptDialog request={request} isOpen={open === 'receipt'} onClose={close} />
      <AnswerDialog request={request} isOpen={open === 'answer'} onClose={close} />
      <AcceptSeatDialog request={request} isOpen={open === 'accept'} onClose={close} />
      <DeclineSeatDialog request={request} isOpen={open === 'decline'} onClose={close} />
      <WithdrawDialog request={request} isOpen={open === 'withdraw'} onClose={close} />
      <TakeBackDialog request={request} isOpen={open === 'take back'} onClose={close} />
    </>
  );
}

function Details({ request }: { request: RequestView }) {
  return (
    <>
      <Denial request={request} />
      <TakenBack request={request} />
      <SeatWait request={request} />
      <Facts
        rows={[
          [text.state, <RequestStateLozenge state={request.state} />],
          [text.requester, request.requester.name],
          [text.days, t.common.days(request.days)],
          [text.approvedDays, request.approved_days != null ? t.common.days(request.approved_days) : null],
          [text.dataClasses, <DataClasses classes={request.data_classes} />],
          [text.submitted, <When at={request.submitted_at} />],
          [text.deadline, request.deadline ? <When at={request.deadline} relative /> : null],
          [text.decided, request.closed_at ? <When at={request.closed_at} /> : null],
          [text.acknowledged, request.acknowledged != null ? text.acknowledgedVersion(request.acknowledged) : null],
          [text.extension, request.extends ? <a href={`#/access/${request.extends}`}>{text.seeAccess}</a> : null],
        ]}
      />
      <Section title={text.purpose}>
        <p className="c-prose">{request.purpose}</p>
      </Section>
      {request.exchanges.length > 0 && (
        <Section title={text.exchanges}>
          <ol className="c-timeline">
            {request.exchanges.map((exchange) => (
              <li key={exchange.asked_at}>
                <div>
                  <strong>{text.asked(nameOf(exchange.asked_by, exchange.asked_on_behalf_of))}</strong> · <When at={exchange.asked_at} />
                </div>
                <p className="c-prose">{exchange.question}</p>
                {exchange.answer ? (
                  <blockquote className="c-prose">
                    {exchange.answer} {exchange.answered_at && <When at={exchange.answered_at} />}
                  </blockquote>
                ) : (
                  <p className="c-subtle">{text.noAnswerYet}</p>
                )}
              </li>
            ))}
          </ol>
        </Section>
      )}
      {request.can_act && (
        <Section title={text.canAct}>
          <WhoCanAct can={request.can_act} />
        </Section>
      )}
      {request.stages.length > 0 && (
        <Section title={text.stages}>
          <Stages stages={request.stages} />
        </Section>
      )}
      <Section title={text.policy}>
        <Facts
          rows={[
            [text.policy, text.policyVersion(request.policy_version)],
            [text.outcome, t.policy.outcomes[request.outcome.kind]],
            [text.matched, t.common.list(request.matched_rules.map((rule) => rule.name)) || text.noRule],
          ]}
        />
      </Section>
    </>
  );
}

/** How an approved request waits for a seat, first thing on the page. */
function SeatWait({ request }: { request: RequestView }) {
  const { seat } = request;
  if (!seat) return null;
  if (!seat.offered_until) {
    return (
      <div className="c-banner">
        <SectionMessage title={text.states.awaiting_seat}>
          <p>{seat.place == null ? text.seatWaits : text.seatPlace(seat.place)}</p>
        </SectionMessage>
      </div>
    );
  }
  return (
    <div className="c-banner">
      <SectionMessage appearance="success" title={text.states.seat_offered}>
        <p>
          {text.seatKept} <When at={seat.offered_until} relative />. {text.seatKeptHint}
        </p>
      </SectionMessage>
    </div>
  );
}

/** Why a request was denied, first thing on the page. */
function Denial({ request }: { request: RequestView }) {
  if (request.state !== 'denied') return null;
  return (
    <div className="c-banner">
      <SectionMessage
        appearance="warning"
        title={request.closed_by ? text.deniedBy(nameOf(request.closed_by, request.closed_on_behalf_of)) : text.deniedByPolicy}
      >
        {request.denial.map((reason) => (
          <p key={reason} className="c-prose">
            {reason}
          </p>
        ))}
      </SectionMessage>
    </div>
  );
}

/** That an approval was taken back, and why. */
function TakenBack({ request: { withdrawn } }: { request: RequestView }) {
  if (!withdrawn) return null;
  return (
    <div className="c-banner">
      <SectionMessage appearance="warning" title={text.approvalTakenBackBy(withdrawn.by.name)}>
        <p className="c-prose">
          {withdrawn.rationale} <When at={withdrawn.at} />
        </p>
      </SectionMessage>
    </div>
  );
}
