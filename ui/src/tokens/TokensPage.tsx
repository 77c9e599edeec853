import Button from '@atlaskit/button/new';
import Lozenge from '@atlaskit/lozenge';
import { useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { Output } from '../api/operations';
import type { TokenView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { ShownOnce } from '../shell/Copy';
import { Empty } from '../shell/Empty';
import { Choice, type Option, TextInput } from '../shell/fields';
import { ListTable } from '../shell/ListTable';
import { useNotice } from '../shell/notice';
import { Page } from '../shell/Page';
import { useSession } from '../shell/session';
import { When } from '../shell/When';

const text = t.tokens;
type Scope = TokenView['scope'];
const mostDays = 365;
const scopes: readonly Option<Scope>[] = (Object.keys(text.scopes) as Scope[]).map((value) => ({ value, label: text.scopeHelp[value] }));

/** A person's own API tokens. */
export default function TokensPage() {
  const { person } = useSession();
  const list = useList('tokens.list', { person: person.id });
  const [dialog, setDialog] = useState<'create' | TokenView | null>(null);
  const close = () => setDialog(null);
  const create = (
    <Button appearance="primary" onClick={() => setDialog('create')}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} lead={text.lead} actions={create}>
      <ListTable
        label={text.list}
        list={list}
        rowKey={(token) => token.id}
        empty={<Empty title={text.none} hint={text.noneHint} />}
        columns={[
          { key: 'id', header: text.id, width: 30, cell: (token) => <span className="c-code">{token.id}</span> },
          { key: 'scope', header: text.scope, width: 18, cell: (token) => text.scopes[token.scope] },
          { key: 'status', header: text.status, width: 12, cell: (token) => <Status token={token} /> },
          { key: 'created', header: text.created, cell: (token) => <When at={token.created_at} /> },
          { key: 'expires', header: text.expires, cell: (token) => <When at={token.revoked_at ?? token.expires_at} /> },
          {
            key: 'actions',
            header: t.common.actions,
            headerHidden: true,
            width: 10,
            cell: (token) =>
              standing(token) === 'usable' && (
                <Button spacing="compact" aria-label={text.revokeOf(token.id)} onClick={() => setDialog(token)}>
                  {text.revoke}
                </Button>
              ),
          },
        ]}
      />
      <CreateDialog isOpen={dialog === 'create'} onClose={close} />
      <RevokeDialog token={dialog === 'create' ? null : dialog} onClose={close} />
    </Page>
  );
}

type Standing = keyof typeof text.statuses;
const colours = { usable: 'success', expired: 'default', revoked: 'removed' } as const;

function standing(token: TokenView): Standing {
  if (token.revoked_at) return 'revoked';
  return Date.parse(token.expires_at) > Date.now() ? 'usable' : 'expired';
}

function Status({ token }: { token: TokenView }) {
  const status = standing(token);
  return <Lozenge appearance={colours[status]}>{text.statuses[status]}</Lozenge>;
}

function CreateDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const create = useCommand('tokens.create');
  const [made, setMade] = useState<Output<'tokens.create'> | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  if (isOpen && made) {
    return (
      <ShownOnce title={text.ready} lead={text.handOver} label={text.secret} value={made.secret} copyLabel={text.copyToken} onClose={close}>
        {text.until} <When at={made.token.expires_at} />
      </ShownOnce>
    );
  }
  return (
    <CommandDialog<{ scope: Option<Scope>; days: string }>
      isOpen={isOpen}
      title={text.createTitle}
      submitLabel={text.create}
      onSubmit={async ({ scope, days }) => setMade(await create.run({ scope: scope.value, days: Number(days) }))}
      onClose={onClose}
      staysOpen
    >
      <Choice name="scope" label={text.scope} help={text.createHelp} options={scopes} initial={scopes[0]} required />
      <TextInput
        name="days"
        label={text.days}
        type="number"
        min={1}
        max={mostDays}
        initial="90"
        check={(typed) => {
          const days = Number(typed);
          return Number.isInteger(days) && days >= 1 && days <= mostDays ? undefined : t.errors.wholeNumber(1, mostDays);
        }}
        required
      />
    </CommandDialog>
  );
}

function RevokeDialog({ token, onClose }: { token: TokenView | null; onClose: () => void }) {
  const revoke = useCommand('tokens.revoke');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={token !== null}
      title={text.revokeTitle}
      submitLabel={text.revoke}
      appearance="danger"
      onSubmit={async () => {
        if (token) await revoke.run({ token: token.id });
        notice(text.revoked);
      }}
      onClose={onClose}
    >
      <p>{token && text.revokeWhy(token.id)}</p>
    </CommandDialog>
  );
}
