import Button, { LinkButton } from '@atlaskit/button/new';
import Checkbox from '@atlaskit/checkbox';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import { useList } from '../api/hooks';
import type { Item } from '../api/operations';
import { DataClasses, RiskLozenge } from '../catalog/lozenges';
import { t } from '../messages';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { When } from '../shell/When';
import { DecideManyDialog } from './DecideManyDialog';

const text = t.approvals;

type Waiting = Item<'approvals.queue'>;

/** What waits for this person: review one, or select several and decide them together. */
export function Queue() {
  const list = useList('approvals.queue', {});
  const [selected, setSelected] = useState<ReadonlyMap<string, Waiting>>(new Map());
  const [deciding, setDeciding] = useState<'approve' | 'deny' | null>(null);

  const toggle = (item: Waiting, on: boolean) =>
    setSelected((before) => {
      const next = new Map(before);
      if (on) next.set(item.request.id, item);
      else next.delete(item.request.id);
      return next;
    });
  // What somebody else decided meanwhile is no longer there to be selected.
  const chosen = (list.items ?? []).filter((item) => selected.has(item.request.id));

  return (
    <>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(item) => item.request.id}
        empty={<Empty title={text.none} hint={text.noneHint} />}
        columns={[
          {
            key: 'select',
            header: text.select,
            headerHidden: true,
            width: 5,
            cell: (item) => (
              <Checkbox
                aria-label={text.selectOne(item.request.requester.name, item.request.tool.name)}
                isChecked={selected.has(item.request.id)}
                onChange={(event) => toggle(item, event.currentTarget.checked)}
              />
            ),
          },
          { key: 'requester', header: text.requester, width: 16, cell: (item) => <Requester item={item} /> },
          { key: 'tool', header: text.tool, width: 20, cell: (item) => <WaitingTool item={item} /> },
          { key: 'data', header: t.requests.dataClasses, width: 16, cell: (item) => <DataClasses classes={item.request.data_classes} /> },
          { key: 'days', header: text.days, width: 9, cell: (item) => t.common.days(item.request.days) },
          { key: 'stage', header: text.stage, width: 12, cell: (item) => item.stage },
          { key: 'since', header: text.since, cell: (item) => <When at={item.since} /> },
          {
            key: 'review',
            header: t.common.actions,
            headerHidden: true,
            width: 9,
            cell: (item) => (
              <LinkButton
                spacing="compact"
                href={`#/requests/${item.request.id}`}
                aria-label={text.reviewOf(item.request.requester.name, item.request.tool.name)}
              >
                {text.review}
              </LinkButton>
            ),
          },
        ]}
      />
      {chosen.length > 0 && (
        <div className="c-bulk" role="group" aria-label={text.selected(chosen.length)}>
          <strong aria-live="polite">{text.selected(chosen.length)}</strong>
          <Button appearance="primary" onClick={() => setDeciding('approve')}>
            {text.approveSelected}
          </Button>
          <Button appearance="danger" onClick={() => setDeciding('deny')}>
            {text.denySelected}
          </Button>
          <Button appearance="subtle" onClick={() => setSelected(new Map())}>
            {text.clearSelection}
          </Button>
        </div>
      )}
      {deciding && (
        <DecideManyDialog
          decision={deciding}
          items={chosen}
          onClose={() => setDeciding(null)}
          onDone={() => {
            setDeciding(null);
            setSelected(new Map());
          }}
        />
      )}
    </>
  );
}

function Requester({ item }: { item: Waiting }) {
  return (
    <>
      {item.request.requester.name}
      {item.on_behalf_of && <div className="c-subtle">{text.youDecideFor(item.on_behalf_of.name)}</div>}
    </>
  );
}

function WaitingTool({ item }: { item: Waiting }) {
  return (
    <>
      {item.request.tool.name}
      <div className="c-lozenges">
        <RiskLozenge risk={item.request.risk} />
        {item.request.extension && <Lozenge>{text.extension}</Lozenge>}
      </div>
    </>
  );
}
