import Button from '@atlaskit/button/new';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCoreStanding, usePairing } from '../forge/core';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { TextInput } from '../shell/fields';
import { useHost } from '../shell/host';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';

const text = t.forge.core;

/** Whether Core answers this installation, and how to pair with it. On a server of one's own the command line does that. */
export function CorePairing() {
  return useHost() === 'forge' ? <Standing /> : null;
}

function Standing() {
  const query = useCoreStanding();
  const pair = usePairing();
  const notice = useNotice();
  const [open, setOpen] = useState(false);
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return null;
  const { standing } = query.data;
  const good = standing === 'paired';
  return (
    <div className="c-banner">
      <SectionMessage appearance={good ? 'success' : 'warning'} title={text.titles[standing]}>
        <p>{text.hints[standing]}</p>
        {!good && standing !== 'not_configured' && (
          <p>
            <Button spacing="compact" onClick={() => setOpen(true)}>
              {text.pair}
            </Button>
          </p>
        )}
      </SectionMessage>
      <CommandDialog<{ code: string }>
        isOpen={open}
        title={text.pairTitle}
        submitLabel={text.pair}
        onSubmit={async ({ code }) => {
          await pair(code.trim());
          notice(text.paired);
        }}
        onClose={() => setOpen(false)}
      >
        <p>{text.pairWhy}</p>
        <TextInput name="code" label={text.code} autoComplete="off" required />
      </CommandDialog>
    </div>
  );
}
