import { ErrorMessage, Field, HelperMessage, useFormState } from '@atlaskit/form';
import { AsyncSelect } from '@atlaskit/select';
import { useState } from 'react';
import { invoke } from '../api/invoke';
import { startOfDay } from '../log/filter';
import { t } from '../messages';
import { findAnybody } from '../people/PersonChoice';
import { CommandDialog } from '../shell/CommandDialog';
import { Choice, type Option, TextInput } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { useTimeZone } from '../shell/session';
import { type Export, ExportReady } from './ExportReady';
import { type Scope as ExportScope, useExport } from './makeExport';

const text = t.evidence;
type Scope = keyof typeof text.scopes;
const scopes = optionsOf(text.scopes);
const grantId = /^grant_[0-9a-z]{26}$/;

interface Values {
  of: Option<Scope>;
  from?: string;
  until?: string;
  person?: Option;
  tool?: Option;
  grant?: string;
}

interface ExportDialogProps {
  isOpen: boolean;
  /** Days to begin with, as the log is narrowed to; or the access it is of. */
  start: { from: string | null; until: string | null } | { grant: string };
  onClose: () => void;
}

/** Makes an evidence pack, and then offers it for download. */
export function ExportDialog({ isOpen, start, onClose }: ExportDialogProps) {
  const { make, busy } = useExport();
  const timeZone = useTimeZone();
  const [made, setMade] = useState<Export | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  if (isOpen && made) return <ExportReady made={made} onClose={close} />;
  return (
    <CommandDialog<Values>
      isOpen={isOpen}
      title={text.title}
      submitLabel={text.make}
      onSubmit={async (values) => setMade(await make(scopeOf(values, timeZone)))}
      onClose={onClose}
      staysOpen
    >
      <p>{text.lead}</p>
      <Choice
        name="of"
        label={text.of}
        options={scopes}
        initial={scopes.find(({ value }) => value === ('grant' in start ? 'grant' : 'period'))}
        required
      />
      <Particulars start={start} />
      {busy && <p role="status">{text.making}</p>}
    </CommandDialog>
  );
}

/** What has to be known of the kind of pack that is chosen. */
function Particulars({ start }: { start: ExportDialogProps['start'] }) {
  const period = 'grant' in start ? { from: null, until: null } : start;
  const of = useFormState<Values>({ values: true })?.values.of?.value;
  switch (of) {
    case 'period':
      return (
        <div className="c-columns">
          <TextInput name="from" label={text.from} type="date" initial={period.from ?? ''} required />
          <TextInput name="until" label={text.until} type="date" initial={period.until ?? ''} required />
        </div>
      );
    case 'person':
      return <Found name="person" label={text.scopes.person} find={findAnybody} />;
    case 'tool':
      return <Found name="tool" label={text.scopes.tool} find={findTools} />;
    case 'grant':
      return (
        <TextInput
          name="grant"
          label={text.grant}
          help={text.grantHelp}
          initial={'grant' in start ? start.grant : ''}
          check={(id) => (grantId.test(id?.trim() ?? '') ? undefined : text.grantWrong)}
          required
        />
      );
    case undefined:
      return null;
  }
}

/** One of many, found by typing. */
function Found({ name, label, find }: { name: string; label: string; find: (typed: string) => Promise<Option[]> }) {
  return (
    <Field<Option | undefined>
      name={name}
      label={label}
      isRequired
      defaultValue={undefined}
      validate={(value) => (value ? undefined : t.errors.choose(label))}
    >
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <AsyncSelect<Option>
            {...rest}
            onChange={(next) => rest.onChange(next ?? undefined)}
            inputId={id}
            loadOptions={find}
            defaultOptions
            menuPosition="fixed"
            placeholder={t.people.typeName}
          />
          {error ? <ErrorMessage>{error}</ErrorMessage> : <HelperMessage>{text.foundHelp}</HelperMessage>}
        </>
      )}
    </Field>
  );
}

async function findTools(typed: string): Promise<Option[]> {
  const search = typed.trim();
  const { items } = await invoke('catalog.list', { limit: 20, ...(search ? { search } : {}) });
  return items.map((tool) => ({ value: tool.id, label: tool.name }));
}

function scopeOf(values: Values, timeZone: string | null): ExportScope {
  switch (values.of.value) {
    case 'period':
      return {
        of: 'period',
        from: startOfDay(values.from ?? '', 0, timeZone),
        until: startOfDay(values.until ?? '', 1, timeZone),
      };
    case 'person':
      return { of: 'person', person: values.person?.value ?? '' };
    case 'tool':
      return { of: 'tool', tool: values.tool?.value ?? '' };
    case 'grant':
      return { of: 'grant', grant: values.grant?.trim() ?? '' };
  }
}
