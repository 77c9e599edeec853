import { useCommand, useList } from '../api/hooks';
import { t } from '../messages';
import { PersonChoice } from '../people/PersonChoice';
import { CommandDialog } from '../shell/CommandDialog';
import { Choice, type Option, TextInput, TextInputLong } from '../shell/fields';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Problem } from '../shell/problems';

const text = t.exceptions;
const mostDays = 365;

interface Values {
  person?: Option;
  tool?: Option;
  owner?: Option;
  reason: string;
  days: string;
}

/** Lets somebody ask for a tool that policy denies them, once another administrator has confirmed it. */
export function AddExceptionDialog({ onClose }: { onClose: () => void }) {
  const put = useCommand('exceptions.put');
  const tools = useList('catalog.list', {}, 100);
  const notice = useNotice();
  const submit = async ({ person, tool, owner, reason, days }: Values) => {
    await put.run({
      person: person?.value ?? '',
      tool: tool?.value ?? '',
      owner: owner?.value ?? '',
      reason: reason.trim(),
      days: Number(days),
    });
    notice(text.added);
  };
  return (
    <CommandDialog<Values>
      isOpen
      title={text.addTitle}
      submitLabel={text.add}
      onSubmit={submit}
      onClose={onClose}
      isIncomplete={!tools.items}
    >
      <p>{text.addWhy}</p>
      {tools.error && <Problem error={tools.error} onRetry={tools.retry} />}
      {!tools.items && !tools.error && <LoadingRows label={t.common.loadingPage} rows={2} />}
      <PersonChoice name="person" label={text.person} help={text.personHelp} required />
      {tools.items && (
        <Choice name="tool" label={text.toolField} options={tools.items.map(({ id, name }) => ({ value: id, label: name }))} required />
      )}
      <PersonChoice name="owner" label={text.ownerField} help={text.ownerHelp} required />
      <TextInputLong name="reason" label={text.reasonField} help={text.reasonHelp} rows={2} required />
      <TextInput
        name="days"
        label={text.days}
        type="number"
        min={1}
        max={mostDays}
        initial="30"
        check={(value) => {
          const days = Number(value);
          return Number.isInteger(days) && days >= 1 && days <= mostDays ? undefined : t.errors.wholeNumber(1, mostDays);
        }}
        required
      />
    </CommandDialog>
  );
}
