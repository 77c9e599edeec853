import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import { invoke } from '../api/invoke';
import type { AccountFound } from '../api/types';
import { t } from '../messages';
import { PersonChoice } from '../people/PersonChoice';
import { CommandDialog } from '../shell/CommandDialog';
import { type Option, TextInput } from '../shell/fields';
import { useNotice } from '../shell/notice';
import { Facts } from '../shell/Page';

const text = t.identities;

interface Entered {
  person: Option;
  account: string;
}

interface AddIdentityDialogProps {
  connector: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Person and account; then the name that the provider has for the account, to be confirmed. */
export function AddIdentityDialog({ connector, isOpen, onClose }: AddIdentityDialogProps) {
  const [entered, setEntered] = useState<Entered | null>(null);
  const [found, setFound] = useState<AccountFound | null>(null);
  const close = () => {
    setEntered(null);
    setFound(null);
    onClose();
  };
  if (isOpen && entered && found) {
    return <Confirm connector={connector} entered={entered} found={found} onClose={close} />;
  }
  return (
    <CommandDialog<{ person?: Option; account: string }>
      isOpen={isOpen}
      title={text.addTitle}
      submitLabel={text.lookUp}
      onSubmit={async ({ person, account }) => {
        if (!person) return;
        const answer = await invoke('identities.look_up', { connector, account: account.trim() });
        setEntered({ person, account: account.trim() });
        setFound(answer);
      }}
      onClose={close}
      staysOpen
    >
      <p>{text.lead}</p>
      <PersonChoice name="person" label={text.person} required />
      <TextInput name="account" label={text.accountField} help={text.accountHelp} autoComplete="off" required />
    </CommandDialog>
  );
}

interface ConfirmProps {
  connector: string;
  entered: Entered;
  found: AccountFound;
  onClose: () => void;
}

function Confirm({ connector, entered, found, onClose }: ConfirmProps) {
  const put = useCommand('identities.put');
  const notice = useNotice();
  const { person, account } = entered;
  return (
    <CommandDialog
      isOpen
      title={text.confirmTitle(person.label)}
      submitLabel={text.confirm}
      onSubmit={async () => {
        const { proposal } = await put.run({ connector, person: person.value, account, display_name: found.display_name });
        if (proposal) notice(text.proposed, proposal.why);
        else notice(text.done(person.label));
      }}
      onClose={onClose}
    >
      <Facts
        rows={[
          [text.person, person.label],
          [text.displayName, <strong>{found.display_name}</strong>],
          [text.signInName, found.sign_in_name],
          [text.accountStatus, text.statuses[found.status]],
        ]}
      />
      {(found.status === 'suspended' || found.status === 'deactivated') && (
        <div className="c-or">
          <SectionMessage appearance="warning">
            <p>{text.inactive}</p>
          </SectionMessage>
        </div>
      )}
      <p className="c-or">{text.confirmWhy}</p>
      <p>{text.replaces}</p>
    </CommandDialog>
  );
}
