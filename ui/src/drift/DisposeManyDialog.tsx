import ProgressBar from '@atlaskit/progress-bar';
import { useState } from 'react';
import { OperationError } from '../api/errors';
import { useCommand } from '../api/hooks';
import type { DispositionKind, FindingView } from '../api/types';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { useNotice } from '../shell/notice';
import { describeError } from '../shell/problems';
import { DispositionFields, dispositionOf, type DispositionValues, isAnswered } from './DispositionDialog';
import { dispositionHelp, dispositionLabel, whoOf } from './finding';

const text = t.drift;

/** Findings sent in one call: few enough that the progress moves; of what is one proposal, as many as a call takes. */
const batchOf = (kind: DispositionKind) => (isAnswered(kind) ? 100 : 20);

interface DisposeManyDialogProps {
  kind: DispositionKind;
  findings: readonly FindingView[];
  onClose: () => void;
  /** Told the sentences for those that could not be decided. */
  onDone: (refused: string[]) => void;
}

/** The same decision about several findings. Each is decided by itself; those that cannot be are named with the reason. */
export function DisposeManyDialog({ kind, findings: now, onClose, onDone }: DisposeManyDialogProps) {
  // What was selected when the dialog opened; the list behind it empties while it works.
  const [findings] = useState(now);
  const [done, setDone] = useState<number | null>(null);
  const dispose = useCommand('drift.dispose_many');
  const notice = useNotice();
  const [first] = findings;
  const label = first ? dispositionLabel(first, kind) : text.dispositions[kind];
  const nameOf = (id: string) => {
    const finding = findings.find((each) => each.id === id);
    return finding ? `${whoOf(finding)}, ${finding.tool.name}` : id;
  };
  const submit = async (values: DispositionValues) => {
    const refused: string[] = [];
    try {
      const batch = batchOf(kind);
      for (let from = 0; from < findings.length; from += batch) {
        setDone(from);
        const ids = findings.slice(from, from + batch).map(({ id }) => id);
        const { results } = await dispose.run({ findings: ids, disposition: dispositionOf(kind, values) });
        for (const { finding, disposed, code, message } of results) {
          if (disposed) continue;
          refused.push(`${nameOf(finding)}: ${describeError(new OperationError(code ?? '', message ?? '', 409))}`);
        }
      }
    } finally {
      setDone(null);
    }
    const taken = findings.length - refused.length;
    notice(isAnswered(kind) ? text.manyProposed(taken) : text.manyDone(taken));
    onDone(refused);
  };
  return (
    <CommandDialog<DispositionValues>
      isOpen
      title={text.manyTitle(label, findings.length)}
      submitLabel={label}
      appearance={kind === 'removal' ? 'danger' : 'primary'}
      onSubmit={submit}
      onClose={onClose}
    >
      {first && <p>{dispositionHelp(first, kind)}</p>}
      <p>{text.manyWhy}</p>
      <DispositionFields kind={kind} />
      <div aria-live="polite">
        {done !== null && (
          <>
            <ProgressBar ariaLabel={text.manyProgress(done, findings.length)} value={done / findings.length} />
            <p>{text.manyProgress(done, findings.length)}</p>
          </>
        )}
      </div>
    </CommandDialog>
  );
}
