import Select from '@atlaskit/select';
import { useId, useState } from 'react';
import { useCommand, useList } from '../api/hooks';
import type { SubmitRequest } from '../api/types';
import { t } from '../messages';
import { AskFields, askedOf, type AskValues } from '../requests/AskFields';
import { CommandDialog } from '../shell/CommandDialog';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';

const text = t.issues;

interface ConfirmDialogProps {
  issue: string;
  /** What was filled in before; none when nobody may know it any more. */
  asked: SubmitRequest | null;
  isOpen: boolean;
  onClose: () => void;
}

/** Makes what an issue asks for its reporter's own request. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return props.isOpen && <Open {...props} />;
}

function Open({ issue, asked, onClose }: ConfirmDialogProps) {
  const confirm = useCommand('intake.confirm');
  const notice = useNotice();
  const list = useList('catalog.list', { status: 'requestable' }, 100);
  const [chosen, choose] = useState(asked?.tool);
  const id = useId();
  const tool = list.items?.find((each) => each.id === chosen);
  const options = list.items?.map((each) => ({ value: each.id, label: `${each.name} · ${each.vendor}` }));
  return (
    <CommandDialog<AskValues>
      isOpen
      title={text.confirmTitle}
      submitLabel={text.confirm}
      isIncomplete={!tool}
      onSubmit={async (values) => {
        if (!tool) return;
        await confirm.run({ issue, asked: askedOf(tool, values) });
        notice(text.confirmed);
      }}
      onClose={onClose}
    >
      <p>{text.confirmWhy}</p>
      {list.error && <Problem error={list.error} onRetry={list.retry} />}
      {!options && !list.error && <LoadingRows label={t.common.loading(t.intake.tool)} rows={2} />}
      {options && (
        <>
          <label htmlFor={id} className="c-field-label">
            {t.intake.tool}
          </label>
          <Select<{ value: string; label: string }>
            inputId={id}
            placeholder={t.intake.choose}
            options={options}
            defaultValue={options.find(({ value }) => value === chosen)}
            onChange={(next) => choose(next?.value)}
            maxMenuHeight={220}
          />
        </>
      )}
      {tool && <AskFields key={tool.id} tool={tool} initial={asked?.tool === tool.id ? asked : undefined} />}
    </CommandDialog>
  );
}
