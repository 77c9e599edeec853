import Lozenge from '@atlaskit/lozenge';
import type { List } from '../api/hooks';
import type { PolicyView } from '../api/types';
import { t } from '../messages';
import { nameOf } from '../people/who';
import { ListTable } from '../shell/ListTable';
import { When } from '../shell/When';
import { Reach } from './GovernancePage';
import { countsInWords } from './RuleChanges';

const text = t.governance;

/** Every version, newest first: who published it, why, what it changed, and whether it gave more. */
export function Versions({ list }: { list: List<PolicyView> }) {
  return (
    <ListTable
      label={text.versionList}
      list={list}
      rowKey={(version) => String(version.number)}
      empty={<></>}
      columns={[
        {
          key: 'number',
          header: text.version,
          width: 12,
          cell: (version) => <a href={`#/governance/versions/${version.number}`}>{text.versionNumber(version.number)}</a>,
        },
        {
          key: 'state',
          header: text.state,
          width: 12,
          cell: (version) => (
            <Lozenge appearance={version.active ? 'success' : 'default'}>{version.active ? text.inForce : text.replaced}</Lozenge>
          ),
        },
        { key: 'at', header: text.published, width: 17, cell: (version) => <When at={version.published_at} /> },
        { key: 'by', header: text.publishedBy, width: 16, cell: publishers },
        {
          key: 'changes',
          header: text.changes,
          width: 16,
          cell: (version) => (version.difference ? countsInWords(version.difference) : t.common.none),
        },
        {
          key: 'reach',
          header: text.reach,
          width: 12,
          cell: (version) => (version.difference ? <Reach wider={version.wider} /> : t.common.none),
        },
        { key: 'note', header: text.note, cell: (version) => <span className="c-any-break">{version.note ?? t.common.none}</span> },
      ]}
    />
  );
}

/** Whoever published it, and whoever agreed. */
function publishers({ published_by: by, confirmed_by: and }: PolicyView): string {
  const names = [by?.name ?? text.theProgram, ...(and ? [nameOf(and)] : [])];
  return t.common.list(names);
}
