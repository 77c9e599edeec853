import { LinkButton } from '@atlaskit/button/new';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { GrantState, GrantView } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { ListTable } from '../shell/ListTable';
import { Page } from '../shell/Page';
import { When } from '../shell/When';
import { GrantActions } from './GrantActions';
import { GrantStateLozenge } from './GrantStateLozenge';

const text = t.access;

/** What the person may use now, until when, and what they may do about it. */
export default function MyAccessPage() {
  const [state, setState] = useState<GrantState | null>(null);
  const list = useList('grants.list', { person: 'me', ...(state ? { state } : {}) });
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <LinkButton appearance="primary" href="#/tools">
          {text.browse}
        </LinkButton>
      }
    >
      <div className="c-filters">
        <ChoiceFilter label={text.state} any={text.anyState} options={optionsOf(text.states)} value={state} onChange={setState} />
      </div>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(grant) => grant.id}
        empty={
          state ? (
            <Empty title={text.noneFiltered} hint={text.noneFilteredHint} />
          ) : (
            <Empty title={text.none} hint={text.noneHint} link={{ href: '#/tools', label: text.browse }} />
          )
        }
        columns={[
          { key: 'tool', header: text.tool, width: 24, cell: (grant) => <a href={`#/access/${grant.id}`}>{grant.tool.name}</a> },
          { key: 'state', header: text.state, width: 16, cell: (grant) => <GrantStateLozenge grant={grant} /> },
          { key: 'ends', header: text.ends, width: 30, cell: (grant) => <End grant={grant} /> },
          { key: 'actions', header: t.common.actions, headerHidden: true, cell: (grant) => <GrantActions grant={grant} compact /> },
        ]}
      />
    </Page>
  );
}

/** The end as it stands: ahead with the time left, or past. */
export function End({ grant }: { grant: GrantView }) {
  if (grant.ended_at) return <When at={grant.ended_at} />;
  if (grant.ends_at) return <When at={grant.ends_at} relative={grant.state === 'active'} />;
  return <>{t.common.none}</>;
}
