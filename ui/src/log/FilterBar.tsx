import Button from '@atlaskit/button/new';
import Select, { AsyncSelect } from '@atlaskit/select';
import Textfield from '@atlaskit/textfield';
import { useEffect, useId, useState } from 'react';
import { t } from '../messages';
import { findAnybody } from '../people/PersonChoice';
import type { Option } from '../shell/fields';
import { families, type Family, isFiltered, isId, type LogFilter } from './filter';

const text = t.log;
const familyOptions: readonly Option<Family>[] = families.map((value) => ({ value, label: text.families[value] }));

interface FilterBarProps {
  filter: LogFilter;
  onChange: (filter: LogFilter) => void;
  /** The name of a person whose id stands in the address. */
  nameOf: (person: string) => string | undefined;
}

/** What to narrow the log to. */
export function FilterBar({ filter, onChange, nameOf }: FilterBarProps) {
  const ids = { family: useId(), person: useId(), from: useId(), until: useId() };
  const [chosen, setChosen] = useState<Option | null>(null);
  const person = filter.person !== null && {
    value: filter.person,
    label: (chosen?.value === filter.person ? chosen.label : nameOf(filter.person)) ?? filter.person,
  };
  const day = (name: 'from' | 'until') => (
    <div className="c-narrow">
      <label htmlFor={ids[name]}>{text[name]}</label>
      <Textfield
        id={ids[name]}
        type="date"
        value={filter[name] ?? ''}
        onChange={(event) => onChange({ ...filter, [name]: (event.target as HTMLInputElement).value || null })}
      />
    </div>
  );
  return (
    <search className="c-filters" aria-label={text.filters}>
      <div className="c-wide">
        <label htmlFor={ids.family}>{text.family}</label>
        <Select<Option<Family>, true>
          inputId={ids.family}
          isMulti
          options={[...familyOptions]}
          value={familyOptions.filter((option) => filter.families.includes(option.value))}
          placeholder={t.common.any}
          onChange={(next) => onChange({ ...filter, families: next.map((option) => option.value) })}
        />
      </div>
      <div>
        <label htmlFor={ids.person}>{text.person}</label>
        <AsyncSelect<Option>
          inputId={ids.person}
          loadOptions={findAnybody}
          defaultOptions
          isClearable
          value={person || null}
          placeholder={text.anybody}
          onChange={(next) => {
            setChosen(next);
            onChange({ ...filter, person: next?.value ?? null });
          }}
        />
      </div>
      <About value={filter.about} onChange={(about) => onChange({ ...filter, about })} />
      {day('from')}
      {day('until')}
      {isFiltered(filter) && (
        <Button appearance="subtle" onClick={() => onChange({ families: [], person: null, about: null, from: null, until: null })}>
          {text.clear}
        </Button>
      )}
    </search>
  );
}

/** An id typed or pasted; it counts as soon as it is one. */
function About({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => {
    // Cleared from outside, or another address was opened.
    setTyped((now) => (value === null ? (isId(now.trim()) ? '' : now) : value));
  }, [value]);
  const wrong = typed.trim() !== '' && !isId(typed.trim());
  return (
    <div className="c-wide">
      <label htmlFor={id}>{text.about}</label>
      <Textfield
        id={id}
        value={typed}
        placeholder="req_…"
        isInvalid={wrong}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          const next = (event.target as HTMLInputElement).value;
          setTyped(next);
          const applied = isId(next.trim()) ? next.trim() : null;
          if (applied !== value) onChange(applied);
        }}
      />
      <div id={`${id}-help`} aria-live="polite" className="c-subtle c-below">
        {wrong && text.aboutWrong}
      </div>
    </div>
  );
}
