import { ErrorMessage, Field, HelperMessage } from '@atlaskit/form';
import { AsyncSelect } from '@atlaskit/select';
import { useCommand } from '../api/hooks';
import { invoke } from '../api/invoke';
import { t } from '../messages';
import { CommandDialog } from '../shell/CommandDialog';
import { type Option, TextInput } from '../shell/fields';
import { useNotice } from '../shell/notice';

const text = t.delegations;

interface Values {
  delegate: Option;
  from: string;
  until: string;
}

/** Whom, and from which day to which. Days are the viewer's: from the first one's beginning to the last one's end. */
export function PutDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const put = useCommand('delegations.put');
  const notice = useNotice();
  const today = asDay(new Date());
  return (
    <CommandDialog<Values>
      isOpen={isOpen}
      title={text.putTitle}
      submitLabel={text.putSubmit}
      onSubmit={async ({ delegate, from, until }) => {
        await put.run({ delegate: delegate.value, from: beginningOf(from, 0), until: beginningOf(until, 1) });
        notice(text.done(delegate.label));
      }}
      onClose={onClose}
    >
      <DelegateChoice />
      <TextInput name="from" label={text.from} help={text.fromHelp} type="date" initial={today} required />
      <TextInput name="until" label={text.until} help={text.untilHelp} type="date" initial={today} required />
    </CommandDialog>
  );
}

/** One person who could decide, found by typing the beginning of the name. */
function DelegateChoice() {
  const validate = (value: Option | undefined) => (value ? undefined : t.errors.choose(text.delegate));
  return (
    <Field<Option | undefined> name="delegate" label={text.delegate} isRequired validate={validate}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <AsyncSelect<Option>
            {...rest}
            onChange={(next) => rest.onChange(next ?? undefined)}
            inputId={id}
            loadOptions={findDelegates}
            isClearable
            menuPosition="fixed"
            placeholder={text.typeName}
          />
          {error ? <ErrorMessage>{error}</ErrorMessage> : <HelperMessage>{text.delegateHelp}</HelperMessage>}
        </>
      )}
    </Field>
  );
}

async function findDelegates(typed: string): Promise<Option[]> {
  const name = typed.trim();
  if (name.length < 2) return [];
  const { people } = await invoke('delegations.candidates', { name });
  return people.map((person) => ({ value: person.id, label: person.name }));
}

/** A day as its field writes it, in the viewer's time zone. */
function asDay(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When a day begins for the viewer, some days later. */
function beginningOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
