import Button from '@atlaskit/button/new';
import { useId, useState } from 'react';
import { OperationError } from '../api/errors';
import type { Mentioned, Rule } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { downloadText } from '../shell/download';
import { useNotice } from '../shell/notice';
import { asYaml, rulesOf } from './policyFile';
import type { DraftInUse } from './useDraft';

const text = t.drafts;

interface ExportProps {
  /** The file's name, without its ending. */
  name: string;
  title: string;
  policy: { rules: readonly Rule[]; mentioned: Mentioned };
}

/** Rules as a file for review outside. */
export function ExportFile({ name, title, policy }: ExportProps) {
  const save = async () => downloadText(`${name}.yaml`, await asYaml(title, policy.rules, policy.mentioned));
  return <Button onClick={() => void save()}>{text.exportFile}</Button>;
}

/** Puts the rules of a file in the place of the draft's. */
export function ImportFile({ draft }: { draft: DraftInUse }) {
  const [open, setOpen] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const notice = useNotice();
  const id = useId();

  const close = () => {
    setOpen(false);
    setFile(null);
  };
  const submit = async () => {
    if (!file) throw new OperationError('invalid_file', text.chooseFile, 400);
    const rules = await rulesOf(await file.text());
    await draft.attempt({ replace: true, put: rules });
    notice(text.imported(rules.length));
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{text.importFile}</Button>
      <CommandDialog isOpen={open} title={text.importTitle} submitLabel={text.importSubmit} onSubmit={submit} onClose={close}>
        <p>{text.importWhy}</p>
        <label className="c-field-label" htmlFor={id}>
          {text.file}
        </label>
        <input
          id={id}
          type="file"
          accept=".yaml,.yml,.json"
          aria-describedby={`${id}-help`}
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        <p id={`${id}-help`} className="c-subtle c-below">
          {text.fileHelp}
        </p>
      </CommandDialog>
    </>
  );
}
