import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand, useOperation } from '../api/hooks';
import type { ToolProposalAnswer, ToolProposalView } from '../api/types';
import { DataClasses, RiskLozenge } from '../catalog/lozenges';
import { WebLink } from '../catalog/ToolPage';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Facts, Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSurface } from '../shell/session';
import { When } from '../shell/When';
import { AssessDialog } from './AssessDialog';
import { ToolProposalState } from './ToolProposalsPage';

const text = t.toolProposals;

/** One proposed tool: what was written, where it stands, and what this person may do about it. */
export default function ToolProposalPage({ id }: { id: string }) {
  const query = useOperation('tool_proposals.get', { proposal: id });
  const answer = query.data;
  const admin = useSurface() === 'admin';
  return (
    <Page
      title={text.proposalTitle(answer?.proposal.name ?? '')}
      back={admin ? { href: '#/intake', label: t.approvals.intakeTitle } : { href: '#/proposed-tools', label: text.title }}
      actions={answer && <Actions answer={answer} />}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {answer && <Details proposal={answer.proposal} />}
    </Page>
  );
}

function Actions({ answer }: { answer: ToolProposalAnswer }) {
  const { proposal } = answer;
  const [open, setOpen] = useState<'withdraw' | 'accept' | 'decline' | null>(null);
  const begin = useCommand('tool_proposals.begin');
  const withdraw = useCommand('tool_proposals.withdraw');
  const notice = useNotice();
  const close = () => setOpen(null);
  return (
    <>
      {proposal.may_assess && proposal.state === 'proposed' && (
        <Button
          isLoading={begin.busy}
          onClick={() =>
            void begin.run({ proposal: proposal.id }).then(
              () => notice(text.begun),
              () => undefined,
            )
          }
        >
          {text.begin}
        </Button>
      )}
      {proposal.may_assess && (
        <>
          <Button appearance="primary" onClick={() => setOpen('accept')}>
            {text.accept}
          </Button>
          <Button onClick={() => setOpen('decline')}>{text.decline}</Button>
        </>
      )}
      {proposal.may_withdraw && <Button onClick={() => setOpen('withdraw')}>{text.withdraw}</Button>}
      <AssessDialog answer={answer} decision="accept" isOpen={open === 'accept'} onClose={close} />
      <AssessDialog answer={answer} decision="decline" isOpen={open === 'decline'} onClose={close} />
      <CommandDialog
        isOpen={open === 'withdraw'}
        title={text.withdrawTitle}
        submitLabel={text.withdraw}
        appearance="danger"
        onSubmit={async () => {
          await withdraw.run({ proposal: proposal.id });
          notice(text.withdrawn);
        }}
        onClose={close}
      >
        <p>{text.withdrawWhy}</p>
      </CommandDialog>
    </>
  );
}

function Details({ proposal }: { proposal: ToolProposalView }) {
  const { assessment } = proposal;
  const catalog = useSurface() === 'admin' ? '#/catalog' : '#/tools';
  return (
    <>
      <Facts
        rows={[
          [text.state, <ToolProposalState state={proposal.state} />],
          [text.proposer, proposal.proposer.name],
          [text.submitted, <When at={proposal.submitted_at} />],
          [text.url, proposal.url ? <WebLink address={proposal.url} /> : text.destroyed],
          [text.dataClasses, <DataClasses classes={proposal.data_classes} />],
          [text.assessor, proposal.assessor?.name],
          [text.closed, proposal.closed_at ? <When at={proposal.closed_at} /> : null],
          [text.tool, proposal.tool ? <a href={`${catalog}/${proposal.tool.id}`}>{proposal.tool.name}</a> : null],
          [text.known, t.common.list(proposal.known.map((tool) => tool.name))],
        ]}
      />
      <Section title={text.purpose}>
        <p className="c-prose">{proposal.purpose ?? text.destroyed}</p>
      </Section>
      {proposal.reasons.length > 0 && (
        <Section title={text.reasons}>
          {proposal.reasons.map((reason) => (
            <p key={reason} className="c-prose">
              {reason}
            </p>
          ))}
        </Section>
      )}
      {assessment && (
        <Section title={text.assessment}>
          <RiskLozenge risk={assessment.risk} />
          <Facts
            rows={Object.entries(assessment.answers).map(([question, answer]) => [question.replaceAll('_', ' '), text.answers[answer]])}
          />
        </Section>
      )}
    </>
  );
}
