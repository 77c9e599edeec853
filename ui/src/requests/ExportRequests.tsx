import Button from '@atlaskit/button/new';
import { useState } from 'react';
import { type Export, ExportReady } from '../evidence/ExportReady';
import { useExport } from '../evidence/makeExport';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';

const text = t.evidence;

/** All requests as a table for spreadsheets. */
export function ExportRequests() {
  const { make } = useExport();
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
          onSubmit={async () => setMade(await make({ of: 'requests' }))}
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
