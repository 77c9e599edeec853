import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import { type Export, ExportReady } from '../evidence/ExportReady';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';

const text = t.evidence;

/** All requests as a table for spreadsheets. */
export function ExportRequests() {
  const make = useCommand('requests.export');
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Export | null>(null);
  const close = () => {
    setMade(null);
    setOpen(false);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{text.exportRequests}</Button>
      {open && made ? (
        <ExportReady made={made} onClose={close} />
      ) : (
        <CommandDialog
          isOpen={open}
          title={text.requestsTitle}
          submitLabel={text.makeRequests}
          onSubmit={async () => setMade((await make.run({})).export)}
          onClose={close}
          staysOpen
        >
          <p>{text.requestsHelp}</p>
          <p>{text.names}</p>
        </CommandDialog>
      )}
    </>
  );
}
