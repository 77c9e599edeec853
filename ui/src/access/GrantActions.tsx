import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { GrantView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';
import { ExtendDialog } from './ExtendDialog';

const text = t.access;

type Dialog = 'extend' | 'give_back' | 'revoke';

/** The buttons for one grant: exactly those that the server says this person may press. */
export function GrantActions({ grant, compact = false }: { grant: GrantView; compact?: boolean }) {
  const [open, setOpen] = useState<Dialog | null>(null);
  const close = () => setOpen(null);
  const tool = grant.tool.name;
  const spacing = compact ? 'compact' : 'default';
  return (
    <div className="c-actions">
      {grant.may_extend && (
        <Button spacing={spacing} aria-label={text.extendOf(tool)} onClick={() => setOpen('extend')}>
          {text.extend}
        </Button>
      )}
      {grant.may_give_back && (
        <Button spacing={spacing} aria-label={text.giveBackOf(tool)} onClick={() => setOpen('give_back')}>
          {text.giveBack}
        </Button>
      )}
      {grant.may_revoke && !grant.may_give_back && (
        <Button spacing={spacing} appearance="danger" aria-label={text.revokeOf(tool, grant.person.name)} onClick={() => setOpen('revoke')}>
          {text.revoke}
        </Button>
      )}
      <ExtendDialog grant={grant} isOpen={open === 'extend'} onClose={close} />
      <GiveBackDialog grant={grant} isOpen={open === 'give_back'} onClose={close} />
      <RevokeDialog grant={grant} isOpen={open === 'revoke'} onClose={close} />
    </div>
  );
}

interface DialogProps {
  grant: GrantView;
  isOpen: boolean;
  onClose: () => void;
}

function GiveBackDialog({ grant, isOpen, onClose }: DialogProps) {
  const giveBack = useCommand('grants.give_back');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.giveBackTitle(grant.tool.name)}
      submitLabel={text.giveBack}
      appearance="danger"
      onSubmit={async () => {
        await giveBack.run({ grant: grant.id });
        notice(text.givenBack);
      }}
      onClose={onClose}
    >
      <p>{text.giveBackWhy}</p>
    </CommandDialog>
  );
}

function RevokeDialog({ grant, isOpen, onClose }: DialogProps) {
  const revoke = useCommand('grants.revoke');
  const notice = useNotice();
  return (
    <CommandDialog
      isOpen={isOpen}
      title={text.revokeTitle(grant.tool.name, grant.person.name)}
      submitLabel={text.revoke}
      appearance="danger"
      onSubmit={async () => {
        await revoke.run({ grant: grant.id });
        notice(text.revoked);
      }}
      onClose={onClose}
    >
      <p>{text.revokeWhy}</p>
    </CommandDialog>
  );
}
