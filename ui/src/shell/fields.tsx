import Checkbox from '@atlaskit/checkbox';
import { ErrorMessage, Field, Fieldset, HelperMessage, RequiredAsterisk } from '@atlaskit/form';
import Select from '@atlaskit/select';
import TextArea from '@atlaskit/textarea';
import Textfield from '@atlaskit/textfield';
import { type FormEvent, useEffect, useState } from 'react';
import { t } from '../messages';

export interface Option<V extends string = string> {
  value: V;
  label: string;
}

/** `initial` counts when the field appears; a later one would overwrite what somebody typed. */
interface FieldProps<V> {
  name: string;
  label: string;
  help?: string;
  required?: boolean;
  initial?: V;
  /** A sentence when the value will not do. */
  check?: (value: V | undefined) => string | undefined;
}

/**
 * Whether a field takes in what is typed. Atlaskit's fields drop it until an effect has registered them with their form, so until then
 * they can only be read; on a busy machine that is long enough to lose a word.
 */
function useTakesIn(): boolean {
  const [takesIn, setTakesIn] = useState(false);
  // Effects of the field inside run before this one.
  useEffect(() => setTakesIn(true), []);
  return takesIn;
}

/** One line of text. */
export function TextInput({
  name,
  label,
  help,
  required = false,
  initial = '',
  check,
  type = 'text',
  autoComplete,
  min,
  max,
}: FieldProps<string> & {
  type?: 'text' | 'email' | 'password' | 'number' | 'url' | 'date';
  autoComplete?: string;
  min?: number;
  max?: number;
}) {
  const [atFirst] = useState(initial);
  const takesIn = useTakesIn();
  const validate = (value: string | undefined) => {
    if (required && !value?.trim()) return t.errors.fillIn(label);
    return check?.(value);
  };
  return (
    <Field<string> name={name} label={label} isRequired={required} defaultValue={atFirst} validate={validate}>
      {({ fieldProps, error }) => (
        <>
          <Textfield {...fieldProps} isReadOnly={!takesIn} type={type} autoComplete={autoComplete} min={min} max={max} />
          <Below help={help} error={error} />
        </>
      )}
    </Field>
  );
}

/** Several lines of text. */
export function TextInputLong({
  name,
  label,
  help,
  required = false,
  initial = '',
  check,
  rows = 3,
}: FieldProps<string> & { rows?: number }) {
  const [atFirst] = useState(initial);
  const takesIn = useTakesIn();
  const validate = (value: string | undefined) => {
    if (required && !value?.trim()) return t.errors.fillIn(label);
    return check?.(value);
  };
  return (
    <Field<string, HTMLTextAreaElement> name={name} label={label} isRequired={required} defaultValue={atFirst} validate={validate}>
      {({ fieldProps, error }) => (
        <>
          <TextArea {...fieldProps} isReadOnly={!takesIn} minimumRows={rows} />
          <Below help={help} error={error} />
        </>
      )}
    </Field>
  );
}

/** One of several. The form's value is the option itself. */
export function Choice<V extends string>({
  name,
  label,
  help,
  required = false,
  initial,
  check,
  options,
  clearable = false,
}: FieldProps<Option<V>> & {
  options: readonly Option<V>[];
  clearable?: boolean;
}) {
  const [atFirst] = useState(initial);
  const validate = (value: Option<V> | undefined) => {
    if (required && !value) return t.errors.choose(label);
    return check?.(value);
  };
  return (
    <Field<Option<V> | undefined> name={name} label={label} isRequired={required} defaultValue={atFirst} validate={validate}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <Select<Option<V>>
            {...rest}
            onChange={(next) => rest.onChange(next ?? undefined)}
            inputId={id}
            options={[...options]}
            isClearable={clearable}
            menuPosition="fixed"
          />
          <Below help={help} error={error} />
        </>
      )}
    </Field>
  );
}

/** Any of several. The form's value is the list of options. */
export function Choices<V extends string>({
  name,
  label,
  help,
  required = false,
  initial = [],
  options,
}: FieldProps<readonly Option<V>[]> & {
  options: readonly Option<V>[];
}) {
  const [atFirst] = useState(initial);
  const validate = (value: readonly Option<V>[] | undefined) => (required && !value?.length ? t.errors.choose(label) : undefined);
  return (
    <Field<readonly Option<V>[]> name={name} label={label} isRequired={required} defaultValue={atFirst} validate={validate}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <Select<Option<V>, true> {...rest} inputId={id} isMulti options={[...options]} menuPosition="fixed" />
          <Below help={help} error={error} />
        </>
      )}
    </Field>
  );
}

/** Check boxes, any number of which may be ticked. The form's value is the list of values. */
export function CheckList<V extends string>({
  name,
  legend,
  help,
  required = false,
  initial = [],
  options,
}: {
  name: string;
  legend: string;
  help?: string;
  required?: boolean;
  initial?: readonly V[];
  options: readonly (Option<V> & { disabled?: boolean })[];
}) {
  const [atFirst] = useState(initial);
  const validate = (value: readonly V[] | undefined) => (required && !value?.length ? t.errors.chooseOne(legend) : undefined);
  return (
    <Field<readonly V[]> name={name} defaultValue={atFirst} validate={validate}>
      {({ fieldProps, error }) => {
        const toggle = (value: V) => (event: FormEvent<HTMLInputElement>) => {
          const rest = fieldProps.value.filter((other) => other !== value);
          fieldProps.onChange(event.currentTarget.checked ? [...rest, value] : rest);
        };
        return (
          <Fieldset legend={<Legend text={legend} required={required} />}>
            {options.map((option) => (
              <Checkbox
                key={option.value}
                name={name}
                value={option.value}
                label={option.label}
                isChecked={fieldProps.value.includes(option.value)}
                isDisabled={option.disabled}
                isInvalid={error !== undefined}
                onChange={toggle(option.value)}
              />
            ))}
            <Below help={help} error={error} />
          </Fieldset>
        );
      }}
    </Field>
  );
}

/** One statement to agree with or not. The form's value is a boolean. */
export function Agree({
  name,
  label,
  required = false,
  complaint = t.errors.choose(label),
}: {
  name: string;
  label: string;
  required?: boolean;
  complaint?: string;
}) {
  const validate = (value: boolean | undefined) => (required && !value ? complaint : undefined);
  return (
    <Field<boolean> name={name} defaultValue={false} validate={validate}>
      {({ fieldProps: { value, onChange }, error }) => (
        <>
          <Checkbox
            name={name}
            label={label}
            isChecked={value}
            isRequired={required}
            isInvalid={error !== undefined}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
          {error && <ErrorMessage>{error}</ErrorMessage>}
        </>
      )}
    </Field>
  );
}

function Legend({ text, required }: { text: string; required: boolean }) {
  return (
    <>
      {text}
      {required && <RequiredAsterisk />}
    </>
  );
}

function Below({ help, error }: { help?: string; error?: string }) {
  return (
    <>
      {help && !error && <HelperMessage>{help}</HelperMessage>}
      {error && <ErrorMessage>{error}</ErrorMessage>}
    </>
  );
}
