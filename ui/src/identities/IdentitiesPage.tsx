import Button, { LinkButton } from '@atlaskit/button/new';
import { AsyncSelect } from '@atlaskit/select';
import { useId, useState } from 'react';
import { useCommand, useList, useOperation } from '../api/hooks';
import type { IdentityView } from '../api/types';
import { t } from '../messages';
import { findAnybody } from '../people/PersonChoice';
import { nameOf } from '../people/who';
import { Proposals } from '../proposals/Proposals';
import { CommandDialog } from '../shell/CommandDialog';
import { Empty } from '../shell/Empty';
import type { Option } from '../shell/fields';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { useIsAdministrator } from '../shell/session';
import { When } from '../shell/When';
import { AddIdentityDialog } from './AddIdentityDialog';

const text = t.identities;

/** Who has which account at one connector's provider. */
export default function IdentitiesPage({ id }: { id: string }) {
  const connector = useOperation('connectors.get', { connector: id }).data?.connector;
  const [person, setPerson] = useState<Option | null>(null);
  const list = useList('identities.list', { connector: id, ...(person ? { person: person.value } : {}) });
  const configures = useIsAdministrator();
  const [adding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<IdentityView | null>(null);
  const add = (
    <Button appearance="primary" onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  );
  return (
    <Page
      title={text.pageTitle(connector?.name ?? '')}
      lead={text.lead}
      back={{ href: `#/connectors/${id}`, label: connector?.name ?? t.connectors.title }}
      actions={
        configures && (
          <>
            <LinkButton href={`#/connectors/${id}/import`}>{text.import}</LinkButton>
            {add}
          </>
        )
      }
    >
      <Proposals kinds={['map_identity']} />
      <PersonFilter value={person} onChange={setPerson} />
      <ListTable
        label={text.list}
        list={list}
        rowKey={(identity) => identity.person.id}
        empty={person ? <Empty title={text.noneFor} hint={text.noneForHint} /> : <Empty title={text.none} hint={text.noneHint} />}
        columns={[
          { key: 'person', header: text.person, width: 24, cell: (identity) => identity.person.name },
          { key: 'account', header: text.account, width: 28, cell: (identity) => text.accountOf(identity.display_name, identity.hint) },
          { key: 'at', header: text.mapped, width: 22, cell: (identity) => <When at={identity.mapped_at} /> },
          {
            key: 'by',
            header: text.by,
            cell: ({ mapped_by: by, confirmed_by: second }) => t.common.list([nameOf(by), ...(second ? [nameOf(second)] : [])]),
          },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 11,
            cell: (identity) =>
              configures && (
                <Button spacing="compact" aria-label={text.removeOf(identity.person.name)} onClick={() => setRemoved(identity)}>
                  {text.remove}
                </Button>
              ),
          },
        ]}
      />
      <AddIdentityDialog connector={id} isOpen={adding} onClose={() => setAdding(false)} />
      <RemoveDialog identity={removed} onClose={() => setRemoved(null)} />
    </Page>
  );
}

function PersonFilter({ value, onChange }: { value: Option | null; onChange: (next: Option | null) => void }) {
  const id = useId();
  return (
    <search className="c-filters">
      <div className="c-wide">
        <label htmlFor={id}>{text.filter}</label>
        <AsyncSelect<Option>
          inputId={id}
          loadOptions={findAnybody}
          defaultOptions
          isClearable
          value={value}
          placeholder={text.anybody}
          onChange={onChange}
        />
      </div>
    </search>
  );
}

function RemoveDialog({ identity, onClose }: { identity: IdentityView | null; onClose: () => void }) {
  const remove = useCommand('identities.remove');
  const notice = useNotice();
  const name = identity?.person.name ?? '';
  return (
    <CommandDialog
      isOpen={identity !== null}
      title={text.removeTitle(name)}
      submitLabel={text.remove}
      appearance="danger"
      onSubmit={async () => {
        if (identity) await remove.run({ connector: identity.connector.id, person: identity.person.id });
        notice(text.removed);
      }}
      onClose={onClose}
    >
      <p>{text.removeWhy}</p>
    </CommandDialog>
  );
}
