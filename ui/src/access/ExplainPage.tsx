import { AsyncSelect } from '@atlaskit/select';
import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import { useId, useState } from 'react';
import { useOperation } from '../api/hooks';
import type { Explanation } from '../api/types';
import { t } from '../messages';
import { findAnybody } from '../people/PersonChoice';
import { findTools } from '../policy/form/find';
import { CopyBlock } from '../shell/Copy';
import { Empty } from '../shell/Empty';
import type { Option } from '../shell/fields';
import { useHashQuery } from '../shell/hash';
import { LoadingRows } from '../shell/Loading';
import { Page, Section } from '../shell/Page';
import { Problem } from '../shell/problems';
import { useSession, useSurface } from '../shell/session';
import { When } from '../shell/When';

const text = t.explain;

/** Why somebody has, lacks or lost a tool. On the app's pages oneself, unless the address names somebody whose tool one owns. */
export default function ExplainPage() {
  const { person: self } = useSession();
  const surface = useSurface();
  const [query, setQuery] = useHashQuery();
  const person = query.get('person') ?? (surface === 'app' ? self.id : null);
  const tool = query.get('tool');
  const answer = useOperation('grants.explain', { person: person ?? 'me', tool: tool ?? '' }, { skip: !person || !tool });
  const own = person === self.id;
  const choose = (over: Record<string, string | null>) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(over)) value ? next.set(name, value) : next.delete(name);
    setQuery(next);
  };
  return (
    <Page title={own && surface === 'app' ? text.ownTitle : text.title} lead={text.lead}>
      <search className="c-filters" aria-label={text.title}>
        {surface === 'admin' && (
          <Found
            label={text.person}
            placeholder={t.people.typeName}
            find={findAnybody}
            value={person}
            name={answer.data?.person.name ?? (own ? self.name : undefined)}
            onChange={(value) => choose({ person: value })}
          />
        )}
        <Found
          label={text.tool}
          placeholder={text.typeTool}
          find={findTools}
          value={tool}
          name={answer.data?.tool.name}
          onChange={(value) => choose({ tool: value })}
        />
      </search>
      {(!person || !tool) && <Empty title={surface === 'admin' ? text.choose : text.chooseTool} hint={text.chooseHint} />}
      <div aria-live="polite">
        {answer.error && <Problem error={answer.error} onRetry={() => void answer.refetch()} />}
        {person && tool && answer.isPending && <LoadingRows label={t.common.loadingPage} />}
        {answer.data && <Explained explanation={answer.data} own={own} />}
      </div>
    </Page>
  );
}

interface FoundProps {
  label: string;
  placeholder: string;
  find: (typed: string) => Promise<Option[]>;
  value: string | null;
  /** What the answer calls the value that stands in the address. */
  name: string | undefined;
  onChange: (value: string | null) => void;
}

/** One thing, found by typing. */
function Found({ label, placeholder, find, value, name, onChange }: FoundProps) {
  const id = useId();
  const [chosen, setChosen] = useState<Option | null>(null);
  const shown = value === null ? null : { value, label: chosen?.value === value ? chosen.label : (name ?? '…') };
  return (
    <div className="c-wide">
      <label htmlFor={id}>{label}</label>
      <AsyncSelect<Option>
        inputId={id}
        loadOptions={find}
        defaultOptions
        value={shown}
        placeholder={placeholder}
        onChange={(next) => {
          setChosen(next);
          onChange(next?.value ?? null);
        }}
      />
    </div>
  );
}

const colours: Record<Explanation['standing'], ThemeAppearance> = {
  has: 'success',
  awaits: 'inprogress',
  asked: 'inprogress',
  losing: 'moved',
  lost: 'default',
  refused: 'removed',
  never_asked: 'default',
};

function Explained({ explanation, own }: { explanation: Explanation; own: boolean }) {
  const { person, tool, standing, reasons, grant } = explanation;
  return (
    <>
      <Section title={own ? text.own[standing](tool.name) : text.sentences[standing](person.name, tool.name)}>
        <p className="c-actions">
          <Lozenge appearance={colours[standing]}>{text.standings[standing]}</Lozenge>
          {grant && <a href={`#/access/${grant.id}`}>{text.seeGrant}</a>}
        </p>
      </Section>
      <Section title={text.reasons}>
        <ol className="c-timeline" aria-label={text.reasons}>
          {reasons.map((reason, place) => (
            <li key={place}>
              <div className="c-prose">{reason.text}</div>
              <div className="c-subtle">
                {reason.at && <When at={reason.at} />}
                {reason.at && reason.request && ' · '}
                {reason.request && (
                  <a className="c-underlined" href={`#/requests/${reason.request}`}>
                    {text.seeRequest}
                  </a>
                )}
              </div>
            </li>
          ))}
        </ol>
      </Section>
      <details className="c-section">
        <summary>{text.data}</summary>
        <CopyBlock label={text.data} rows={12} value={JSON.stringify(explanation, null, 2)} />
      </details>
    </>
  );
}
