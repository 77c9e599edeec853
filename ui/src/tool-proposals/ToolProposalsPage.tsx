import { LinkButton } from '@atlaskit/button/new';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useList } from '../api/hooks';
import type { ToolProposalView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { type Column, ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { useSurface } from '../shell/session';
import { When } from '../shell/When';

const text = t.toolProposals;

type State = keyof typeof text.states;

const colours: Record<State, ThemeAppearance> = {
  proposed: 'inprogress',
  under_assessment: 'inprogress',
  accepted: 'success',
  declined: 'removed',
  withdrawn: 'default',
};

/** Where a proposal stands; a state newer than this page is shown as it is. */
export function ToolProposalState({ state }: { state: string }) {
  return (
    <Lozenge appearance={colours[state as State] ?? 'default'} maxWidth="100%">
      {text.states[state as State] ?? state}
    </Lozenge>
  );
}

const columns: readonly Column<ToolProposalView>[] = [
  { key: 'name', header: text.name, cell: (item) => <a href={`#/proposed-tools/${item.id}`}>{item.name ?? text.destroyed}</a> },
  { key: 'state', header: text.state, cell: (item) => <ToolProposalState state={item.state} /> },
  { key: 'proposer', header: text.proposer, cell: (item) => item.proposer.name },
  { key: 'submitted', header: text.submitted, cell: (item) => <When at={item.submitted_at} /> },
];

/** Proposed tools: in the app one's own, in the administration all. */
export function ToolProposals() {
  const own = useSurface() === 'app';
  const list = useList('tool_proposals.list', own ? { proposer: 'me' } : {});
  return (
    <ListTable
      label={text.list}
      list={list}
      columns={columns}
      rowKey={(item) => item.id}
      empty={<Empty title={own ? text.ownNone : text.none} hint={own ? text.ownNoneHint : text.noneHint} />}
    />
  );
}

/** One's own proposals. */
export default function ToolProposalsPage() {
  return (
    <Page
      title={text.title}
      lead={text.lead}
      back={{ href: '#/tools', label: t.catalog.back }}
      actions={
        <LinkButton appearance="primary" href="#/proposed-tools/new">
          {text.propose}
        </LinkButton>
      }
    >
      <ToolProposals />
    </Page>
  );
}
