import Button from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { ProposalView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { ProposedDraft } from '../policy/ProposedDraft';
import { CommandDialog } from '../shell/CommandDialog';
import { More } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { When } from '../shell/When';

const text = t.proposals;
const colours: Record<ProposalView['state'], ThemeAppearance> = {
  open: 'inprogress',
  confirmed: 'success',
  withdrawn: 'default',
  lapsed: 'default',
};

/** What waits for a second administrator; nothing at all when nothing does. Of one tool, or of some kinds, if so wanted. */
export function Proposals({ tool, kinds }: { tool?: string; kinds?: readonly ProposalView['kind'][] }) {
  const list = useList('proposals.list', { state: 'open' });
  const shown = (list.items ?? []).filter((proposal) => (!tool || proposal.tool?.id === tool) && (!kinds || kinds.includes(proposal.kind)));
  if (list.error && !list.items) return <Problem error={list.error} onRetry={list.retry} />;
  if (shown.length === 0 && !list.hasMore) return null;
  return (
    <div className="c-banner">
      <Section title={text.title}>
        <p className="c-lead">{text.lead}</p>
        <ul className="c-rules c-or" aria-label={text.list}>
          {shown.map((proposal) => (
            <Proposal key={proposal.id} proposal={proposal} />
          ))}
        </ul>
        {list.hasMore && <More list={list} />}
      </Section>
    </div>
  );
}

function Proposal({ proposal }: { proposal: ProposalView }) {
  const [asking, setAsking] = useState<'confirm' | 'withdraw' | null>(null);
  const what = sentenceOf(proposal);
  return (
    <li className="c-card">
      <div className="c-actions">
        <strong>{what}</strong>
        <Lozenge appearance={colours[proposal.state]}>{text.states[proposal.state]}</Lozenge>
      </div>
      <p>
        {text.why} {proposal.why}
      </p>
      {proposal.note && (
        <p>
          {text.note} {proposal.note}
        </p>
      )}
      {proposal.reason && (
        <p>
          {text.note} {proposal.reason}
        </p>
      )}
      {proposal.disposition === 'baseline' && <p>{text.fromBefore}</p>}
      {proposal.ends_at && (
        <p>
          {text.until} <When at={proposal.ends_at} />
        </p>
      )}
      {proposal.draft != null && <Changes draft={proposal.draft} />}
      <ChangeList changes={proposal.changes} />
      <p className="c-subtle">
        {text.by(nameOf(proposal.proposed_by))}, <When at={proposal.proposed_at} />
      </p>
      {proposal.alone_from && (
        <p className="c-subtle">
          {text.alone} <When at={proposal.alone_from} />.
        </p>
      )}
      {(proposal.may_confirm || proposal.may_withdraw) && (
        <div className="c-actions">
          {proposal.may_confirm && (
            <Button appearance="primary" aria-label={text.confirmOf(what)} onClick={() => setAsking('confirm')}>
              {text.confirm}
            </Button>
          )}
          {proposal.may_withdraw && (
            <Button aria-label={text.withdrawOf(what)} onClick={() => setAsking('withdraw')}>
              {text.withdraw}
            </Button>
          )}
        </div>
      )}
      <DecisionDialog proposal={proposal} what={what} decision={asking} onClose={() => setAsking(null)} />
    </li>
  );
}

/** What publishing would change, for whoever wants to see it before deciding. */
function Changes({ draft }: { draft: number }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.changes}</summary>
      {open && <ProposedDraft version={draft} />}
    </details>
  );
}

/** What it would change, a line for each thing. */
function ChangeList({ changes }: { changes: readonly string[] }) {
  if (changes.length === 0) return null;
  return (
    <ul aria-label={text.changes}>
      {changes.map((change) => (
        <li key={change}>{change}</li>
      ))}
    </ul>
  );
}

interface DecisionDialogProps {
  proposal: ProposalView;
  what: string;
  decision: 'confirm' | 'withdraw' | null;
  onClose: () => void;
}

function DecisionDialog({ proposal, what, decision, onClose }: DecisionDialogProps) {
  const confirm = useCommand('proposals.confirm');
  const withdraw = useCommand('proposals.withdraw');
  const notice = useNotice();
  const confirms = decision === 'confirm';
  return (
    <CommandDialog
      isOpen={decision !== null}
      title={confirms ? text.confirmTitle : text.withdrawTitle}
      submitLabel={confirms ? text.confirm : text.withdraw}
      onSubmit={async () => {
        await (confirms ? confirm : withdraw).run({ proposal: proposal.id });
        notice(confirms ? text.confirmed : text.withdrawn);
      }}
      onClose={onClose}
    >
      <p>
        <strong>{what}</strong>
      </p>
      <p>
        {text.why} {proposal.why}
      </p>
      <ChangeList changes={proposal.changes} />
      <p>{confirms ? text.confirmWhy : text.withdrawWhy}</p>
      {confirms && proposal.draft != null && <ProposedDraft version={proposal.draft} />}
    </CommandDialog>
  );
}

/** What a proposal would do, as a sentence. */
function sentenceOf(proposal: ProposalView): string {
  const connector = proposal.connector?.name ?? text.aConnector;
  const tool = proposal.tool?.name ?? text.aTool;
  const person = proposal.person?.name ?? text.somebody;
  switch (proposal.kind) {
    case 'bind_group':
      return text.sentence.bind_group(tool, proposal.group?.name ?? text.aGroup, connector);
    case 'map_identity':
      return text.sentence.map_identity(person, proposal.account_name ?? text.anAccount, connector);
    case 'grant_exception':
      return text.sentence.grant_exception(person, tool);
    case 'publish_policy':
      return text.sentence.publish_policy;
    case 'answer_for_findings':
      return text.sentence.answer_for_findings(
        proposal.owner?.name ?? text.somebody,
        proposal.person ? text.accessOf(proposal.person.name) : text.members(proposal.findings.length),
        proposal.tool?.name ?? text.severalTools,
      );
    case 'change_tool':
      return text.sentence.change_tool(tool);
    case 'change_person':
      return text.sentence.change_person(person);
    case 'change_settings':
      return text.sentence.change_settings;
  }
}
