import { ErrorMessage, Field, HelperMessage } from '@atlaskit/form';
import { AsyncSelect } from '@atlaskit/select';
import { useState } from 'react';
import { useOperation } from '../api/hooks';
import type { Named, Settings } from '../api/types';
import { t } from '../messages';
import { findPeople } from '../people/PersonChoice';
import type { Option } from '../shell/fields';
import { Facts, Section } from '../shell/Page';
import { Count } from './Count';
import { type Reviewers, reviewCounts, reviewField, reviewerField, risks, valueOf } from './reviews';

const text = t.settings.reviews;

interface Shown {
  settings: Settings;
  groups: readonly Named[];
}

/** Who reviews access to tools of each risk, how long that may wait, and what lets many be reviewed. */
export function ReviewFields({ settings, groups }: Shown) {
  const reviews = settings.reviews ?? {};
  return (
    <Section title={text.title}>
      <p className="c-lead">{text.help}</p>
      {risks.map((risk) => (
        <Reviewer
          key={risk}
          name={reviewerField(risk)}
          label={text.reviewersOf(t.catalog.risks[risk])}
          groups={groups}
          initial={reviews.reviewers?.[risk] ?? 'tool_owners'}
        />
      ))}
      {reviewCounts.map(({ name, least, most }) => (
        <Count
          key={name}
          name={reviewField(name)}
          label={text.counts[name]}
          help={text.countsHelp[name]}
          least={least}
          most={most}
          initial={reviews[name]}
        />
      ))}
    </Section>
  );
}

function Reviewer(props: { name: string; label: string; groups: readonly Named[]; initial: Reviewers }) {
  const { initial } = props;
  const person = typeof initial === 'object' && 'person' in initial ? initial.person : null;
  const query = useOperation('people.get', { person: person ?? '' }, { skip: person === null });
  // The name of whoever is chosen has to be there first: a field begins with what it is given.
  if (person !== null && query.isPending) return null;
  return <ReviewerField {...props} nameOf={query.data?.person.name ?? null} />;
}

function ReviewerField({
  name,
  label,
  groups,
  initial,
  nameOf,
}: {
  name: string;
  label: string;
  groups: readonly Named[];
  initial: Reviewers;
  nameOf: string | null;
}) {
  const [atFirst] = useState<Option>({ value: valueOf(initial), label: inWords(initial, groups, nameOf) });
  const find = async (typed: string) => {
    const fits = ({ label: words }: Option) => words.toLowerCase().includes(typed.trim().toLowerCase());
    const people = (await findPeople(typed)).map(({ value, label: words }) => ({ value: `person:${value}`, label: words }));
    return [
      { label: t.ruleForm.roles, options: roles.filter(fits) },
      { label: t.ruleForm.groupsOf, options: groups.map((group) => ({ value: `group:${group.id}`, label: group.name })).filter(fits) },
      { label: t.ruleForm.people, options: people },
    ];
  };
  const validate = (value: Option | undefined) => (value ? undefined : t.errors.choose(label));
  return (
    <Field<Option | undefined> name={name} label={label} isRequired defaultValue={atFirst} validate={validate}>
      {({ fieldProps: { id, ...rest }, error }) => (
        <>
          <AsyncSelect<Option>
            {...rest}
            onChange={(next) => rest.onChange(next ?? undefined)}
            inputId={id}
            loadOptions={find}
            defaultOptions
            menuPosition="fixed"
            placeholder={t.ruleForm.typeApprover}
          />
          {error ? <ErrorMessage>{error}</ErrorMessage> : <HelperMessage>{text.reviewersHelp}</HelperMessage>}
        </>
      )}
    </Field>
  );
}

const roles: readonly Option[] = (Object.entries(t.ruleForm.roleNames) as [string, string][]).map(([value, label]) => ({ value, label }));

function inWords(reviewers: Reviewers, groups: readonly Named[], name: string | null): string {
  if (typeof reviewers === 'string') return t.ruleForm.roleNames[reviewers];
  if ('group' in reviewers) return groups.find((group) => group.id === reviewers.group)?.name ?? reviewers.group;
  return name ?? reviewers.person;
}

/** The same for whoever only reads. */
export function ReviewFacts({ settings, groups }: Shown) {
  const reviews = settings.reviews ?? {};
  return (
    <Section title={text.title}>
      <Facts
        rows={[
          ...risks.map((risk) => {
            const reviewers = reviews.reviewers?.[risk] ?? 'tool_owners';
            return [text.reviewersOf(t.catalog.risks[risk]), <InWords reviewers={reviewers} groups={groups} />] as const;
          }),
          ...reviewCounts.map(({ name }) => [text.counts[name], reviews[name]?.toLocaleString(t.locale) ?? null] as const),
        ]}
      />
    </Section>
  );
}

function InWords({ reviewers, groups }: { reviewers: Reviewers; groups: readonly Named[] }) {
  const person = typeof reviewers === 'object' && 'person' in reviewers ? reviewers.person : null;
  const query = useOperation('people.get', { person: person ?? '' }, { skip: person === null });
  return <>{inWords(reviewers, groups, query.data?.person.name ?? null)}</>;
}
