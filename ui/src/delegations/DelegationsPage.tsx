import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { Item } from '../api/operations';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { Empty } from '../shell/Empty';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { When } from '../shell/When';
import { PutDialog } from './PutDialog';

const text = t.delegations;

type Delegation = Item<'delegations.list'>;

/** Who decides for this person, and for whom this person decides. */
export default function DelegationsPage() {
  const list = useList('delegations.list', { person: 'me' });
  const [dialog, setDialog] = useState<'put' | Delegation | null>(null);
  const close = () => setDialog(null);
  const put = (
    <Button appearance="primary" onClick={() => setDialog('put')}>
      {text.put}
    </Button>
  );
  return (
    <Page title={text.title} lead={text.lead} back={{ href: '#/approvals', label: t.approvals.title }} actions={put}>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(item) => `${item.delegator.id}:${item.delegate.id}`}
        empty={<Empty title={text.none} hint={text.noneHint} />}
        columns={[
          { key: 'delegate', header: text.delegate, width: 22, cell: (item) => item.delegate.name },
          { key: 'delegator', header: text.delegator, width: 22, cell: (item) => item.delegator.name },
          { key: 'state', header: text.state, width: 10, cell: (item) => <Standing active={item.active} /> },
          { key: 'from', header: text.from, cell: (item) => <When at={item.from} /> },
          { key: 'until', header: text.until, cell: (item) => <When at={item.until} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 10,
            cell: (item) =>
              item.may_end && (
                <Button spacing="compact" aria-label={text.endOf(item.delegate.name, item.delegator.name)} onClick={() => setDialog(item)}>
                  {text.end}
                </Button>
              ),
          },
        ]}
      />
      <PutDialog isOpen={dialog === 'put'} onClose={close} />
      <EndDialog delegation={dialog === 'put' ? null : dialog} onClose={close} />
    </Page>
  );
}

function Standing({ active }: { active: boolean }) {
  return <Lozenge appearance={active ? 'success' : 'default'}>{active ? text.active : text.later}</Lozenge>;
}

function EndDialog({ delegation, onClose }: { delegation: Delegation | null; onClose: () => void }) {
  const end = useCommand('delegations.end');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={delegation !== null}
      title={text.endTitle}
      submitLabel={text.end}
      appearance="danger"
      onSubmit={async () => {
        if (delegation) await end.run({ delegator: delegation.delegator.id, delegate: delegation.delegate.id });
        notice(text.ended);
      }}
      onClose={onClose}
    >
      <p>{delegation && text.endWhy(delegation.delegate.name, delegation.delegator.name)}</p>
    </CommandDialog>
  );
}
