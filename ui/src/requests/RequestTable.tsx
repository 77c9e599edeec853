import { useState } from 'react';
import { useList } from '../api/hooks';
import type { RequestState } from '../api/types';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ChoiceFilter, optionsOf } from '../shell/filters';
import { type Column, ListTable } from '../shell/ListTable';
import { When } from '../shell/When';
import type { RequestView } from '../api/types';
import { RequestStateLozenge } from './RequestStateLozenge';

const text = t.requests;

/** Requests, newest first, of one person or of all. */
export function RequestTable({ mine, label }: { mine: boolean; label: string }) {
  const [state, setState] = useState<RequestState | null>(null);
  const list = useList('requests.list', { ...(mine ? { requester: 'me' } : {}), ...(state ? { state } : {}) });
  const requester: Column<RequestView>[] = mine
    ? []
    : [{ key: 'who', header: text.requester, width: 18, cell: (request) => request.requester.name }];
  return (
    <>
      <div className="c-filters">
        <ChoiceFilter label={text.state} any={text.anyState} options={optionsOf(text.states)} value={state} onChange={setState} />
      </div>
      <ListTable
        label={label}
        list={list}
        rowKey={(request) => request.id}
        empty={
          mine && !state ? (
            <Empty title={text.none} hint={text.noneHint} link={{ href: '#/tools', label: text.browse }} />
          ) : (
            <Empty title={text.adminNone} hint={text.adminNoneHint} />
          )
        }
        columns={[
          { key: 'tool', header: text.tool, width: 24, cell: (request) => <a href={`#/requests/${request.id}`}>{request.tool.name}</a> },
          ...requester,
          { key: 'state', header: text.state, width: 18, cell: (request) => <RequestStateLozenge state={request.state} /> },
          { key: 'days', header: text.days, width: 10, cell: (request) => t.common.days(request.days) },
          { key: 'submitted', header: text.submitted, cell: (request) => <When at={request.submitted_at} /> },
        ]}
      />
    </>
  );
}
