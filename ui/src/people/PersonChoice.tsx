import { ErrorMessage, Field, HelperMessage } from '@atlaskit/form';
import { AsyncSelect } from '@atlaskit/select';
import { useState } from 'react';
import { invoke } from '../api/invoke';
import type { PersonView } from '../api/types';
import { t } from '../messages';
import type { Option } from '../shell/fields';

interface PersonChoiceProps {
  name: string;
  label: string;
  help?: string;
  required?: boolean;
}

/** One active person, found by typing the beginning of the name. Administrators only: others may not list people. */
export function PersonChoice({ name, label, help, required = false, initial }: PersonChoiceProps & { initial?: Option }) {
  const [atFirst] = useState(initial);
  const validate = (value: Option | undefined) => (required && !value ? t.errors.choose(label) : undefined);
  return (
    <Field<Option | undefined> name={name} label={label} isRequired={required} defaultValue={atFirst} validate={validate}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <AsyncSelect<Option>
            {...rest}
            onChange={(next) => rest.onChange(next ?? undefined)}
            inputId={id}
            loadOptions={findPeople}
            defaultOptions
            isClearable
            menuPosition="fixed"
            placeholder={t.people.typeName}
          />
          {error ? <ErrorMessage>{error}</ErrorMessage> : help && <HelperMessage>{help}</HelperMessage>}
        </>
      )}
    </Field>
  );
}

/** Any number of active people. */
export function PeopleChoice({ name, label, help, initial }: PersonChoiceProps & { initial: readonly Option[] }) {
  const [atFirst] = useState(initial);
  return (
    <Field<readonly Option[]> name={name} label={label} defaultValue={atFirst}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <AsyncSelect<Option, true>
            {...rest}
            inputId={id}
            isMulti
            loadOptions={findPeople}
            defaultOptions
            menuPosition="fixed"
            placeholder={t.people.typeName}
          />
          {error ? <ErrorMessage>{error}</ErrorMessage> : help && <HelperMessage>{help}</HelperMessage>}
        </>
      )}
    </Field>
  );
}

/** Active people by the beginning of their name. */
export async function findPeople(typed: string): Promise<Option[]> {
  return (await find(typed)).filter((person) => person.status === 'active').map(asOption);
}

/** People by the beginning of their name, also those who have left. */
export async function findAnybody(typed: string): Promise<Option[]> {
  return (await find(typed)).map(asOption);
}

const asOption = (person: PersonView): Option => ({ value: person.id, label: person.name });

async function find(typed: string): Promise<PersonView[]> {
  const name = typed.trim();
  return (await invoke('people.list', { limit: 20, ...(name ? { name } : {}) })).items;
}
