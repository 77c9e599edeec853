/** Fields of a form whose values lie outside of it, so that what they say together can be shown while somebody types. */
import Checkbox from '@atlaskit/checkbox';
import { Fieldset, Label, RequiredAsterisk } from '@atlaskit/form';
import Select, { AsyncSelect, CreatableSelect } from '@atlaskit/select';
import Textfield from '@atlaskit/textfield';
import { type ReactNode, useId } from 'react';
import type { Option } from '../../shell/fields';

interface ControlProps<V> {
  label: string;
  help?: string;
  required?: boolean;
  /** A sentence when the value will not do. */
  error?: string;
  value: V;
  onChange: (value: V) => void;
}

/** The label above, and help or complaint below; `children` gets the ids that tie them together. */
function Around({
  label,
  help,
  required = false,
  error,
  children,
}: Pick<ControlProps<unknown>, 'label' | 'help' | 'required' | 'error'> & { children: (id: string, below: string) => ReactNode }) {
  const id = useId();
  const below = `${id}-below`;
  return (
    <div className="c-control">
      <Label htmlFor={id}>
        {label}
        {required && <RequiredAsterisk />}
      </Label>
      {children(id, below)}
      <div id={below} className={error ? 'c-below c-complaint' : 'c-below c-subtle'}>
        {error ?? help}
      </div>
    </div>
  );
}

/** One line of text, or a number. */
export function TextControl({
  value,
  onChange,
  number,
  ...around
}: ControlProps<string> & {
  /** The least and the most; without them it is a text. */
  number?: readonly [number, number];
}) {
  return (
    <Around {...around}>
      {(id, below) => (
        <Textfield
          id={id}
          value={value}
          type={number ? 'number' : 'text'}
          min={number?.[0]}
          max={number?.[1]}
          isInvalid={around.error !== undefined}
          aria-required={around.required}
          aria-describedby={below}
          onChange={(event) => onChange((event.target as HTMLInputElement).value)}
        />
      )}
    </Around>
  );
}

/** One of several. */
export function ChoiceControl<V extends string>({
  value,
  onChange,
  options,
  ...around
}: ControlProps<V> & { options: readonly Option<V>[] }) {
  return (
    <Around {...around}>
      {(id, below) => (
        <Select<Option<V>>
          inputId={id}
          options={[...options]}
          value={options.find((option) => option.value === value)}
          aria-describedby={below}
          onChange={(next) => next && onChange(next.value)}
        />
      )}
    </Around>
  );
}

/** Options under a heading. */
export interface OptionGroup {
  label: string;
  options: readonly Option[];
}

interface FoundControlProps extends ControlProps<readonly Option[]> {
  placeholder: string;
  /** What is offered for what was typed. */
  find: (typed: string) => Promise<readonly (Option | OptionGroup)[]>;
}

/** Any number of things that are found by typing. */
export function FoundControl({ value, onChange, placeholder, find, ...around }: FoundControlProps) {
  return (
    <Around {...around}>
      {(id, below) => (
        <AsyncSelect<Option, true>
          inputId={id}
          isMulti
          loadOptions={async (typed: string) => [...(await find(typed))] as Option[]}
          defaultOptions
          value={[...value]}
          placeholder={placeholder}
          isInvalid={around.error !== undefined}
          aria-describedby={below}
          onChange={(next) => onChange(next)}
        />
      )}
    </Around>
  );
}

/** Any number of words, known ones or others. */
export function WordsControl({
  value,
  onChange,
  known,
  create,
  ...around
}: ControlProps<readonly Option[]> & { known: readonly string[]; create: (typed: string) => string }) {
  return (
    <Around {...around}>
      {(id, below) => (
        <CreatableSelect<Option, true>
          inputId={id}
          isMulti
          options={known.map((word) => ({ value: word, label: word }))}
          value={[...value]}
          formatCreateLabel={create}
          aria-describedby={below}
          onChange={(next) => onChange(next.map((option) => ({ value: option.value, label: option.value })))}
        />
      )}
    </Around>
  );
}

/** Check boxes, any number of which may be ticked. */
export function TicksControl<V extends string>({
  legend,
  options,
  value,
  onChange,
}: {
  legend: string;
  options: readonly Option<V>[];
  value: readonly V[];
  onChange: (value: readonly V[]) => void;
}) {
  return (
    <div className="c-control">
      <Fieldset legend={legend}>
        {options.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            isChecked={value.includes(option.value)}
            onChange={(event) => {
              const ticked = event.currentTarget.checked ? [...value, option.value] : value.filter((other) => other !== option.value);
              // In their own order, so that a box ticked and unticked leaves no trace.
              onChange(options.map((each) => each.value).filter((each) => ticked.includes(each)));
            }}
          />
        ))}
      </Fieldset>
    </div>
  );
}
