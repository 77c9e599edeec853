import Select from '@atlaskit/select';
import Textfield from '@atlaskit/textfield';
import { useEffect, useId, useState } from 'react';
import type { Option } from './fields';

/** What is being typed, and what the list was last asked for: typing does not ask at every key. */
export interface Search {
  typed: string;
  applied: string;
  type: (text: string) => void;
}

const pauseMilliseconds = 250;

export function useSearch(): Search {
  const [typed, type] = useState('');
  const [applied, setApplied] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setApplied(typed.trim()), pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [typed]);
  return { typed, applied, type };
}

export function SearchFilter({ label, placeholder, search }: { label: string; placeholder?: string; search: Search }) {
  const id = useId();
  return (
    <div className="c-wide">
      <label htmlFor={id}>{label}</label>
      <Textfield
        id={id}
        type="search"
        value={search.typed}
        placeholder={placeholder}
        onChange={(event) => search.type((event.target as HTMLInputElement).value)}
      />
    </div>
  );
}

interface ChoiceFilterProps<V extends string> {
  label: string;
  /** Words for no filter at all; without them one has to be chosen. */
  any?: string;
  options: readonly Option<V>[];
  value: V | null;
  onChange: (value: V | null) => void;
}

export function ChoiceFilter<V extends string>({ label, any, options, value, onChange }: ChoiceFilterProps<V>) {
  const id = useId();
  const all: Option[] = any === undefined ? [...options] : [{ value: '', label: any }, ...options];
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <Select<Option>
        inputId={id}
        options={all}
        value={all.find((option) => option.value === (value ?? ''))}
        onChange={(next) => onChange(next && next.value !== '' ? (next.value as V) : null)}
      />
    </div>
  );
}

/** The words of a message table as options, in the table's order. */
export function optionsOf<V extends string>(words: Record<V, string>): Option<V>[] {
  return (Object.keys(words) as V[]).map((value) => ({ value, label: words[value] }));
}
