import Lozenge from '@atlaskit/lozenge';
import { useList } from '../api/hooks';
import type { BindingView } from '../api/types';
import { reasonInWords } from '../jobs/reasons';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { When } from '../shell/When';

const text = t.providerGroups;

/** Groups that give tools, of one connector or of all. */
export function GroupsTable({ connector }: { connector: string | null }) {
  const list = useList('provider_groups.list', connector ? { connector } : {});
  return (
    <ListTable
      label={text.list}
      list={list}
      rowKey={(binding) => binding.tool.id}
      empty={<Empty title={text.none} hint={text.noneHint} link={{ href: '#/catalog', label: text.toCatalog }} />}
      columns={[
        { key: 'tool', header: text.tool, width: 24, cell: ({ tool }) => <a href={`#/catalog/${tool.id}/group`}>{tool.name}</a> },
        { key: 'group', header: text.group, width: 24, cell: (binding) => <GroupName binding={binding} /> },
        ...(connector
          ? []
          : [{ key: 'connector', header: text.connector, width: 16, cell: (binding: BindingView) => binding.connector.name }]),
        { key: 'members', header: text.members, width: 10, cell: ({ members }) => members.toLocaleString(t.locale) },
        { key: 'check', header: text.lastCheck, cell: (binding) => <LastCheck binding={binding} /> },
      ]}
    />
  );
}

function GroupName({ binding }: { binding: BindingView }) {
  return (
    <>
      {binding.group.name} {binding.hold && <Lozenge appearance="moved">{text.held}</Lozenge>}
    </>
  );
}

/** Why the group could not be read. */
const causeOf = (code: string | null | undefined) => (code ? reasonInWords(code) : text.checkUnknown);

/** When a group was last compared with the approvals, and what came of it. */
export function LastCheck({ binding: { last_check: check } }: { binding: BindingView }) {
  if (!check) return <span className="c-subtle">{text.never}</span>;
  return (
    <>
      <When at={check.at} />, {check.outcome === 'complete' ? text.checkComplete(check.findings) : causeOf(check.cause)}
    </>
  );
}
