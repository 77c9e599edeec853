import Button, { LinkButton } from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { explainAddress } from '../access/explainAddress';
import { useCommand, useOperation } from '../api/hooks';
import type { ToolView } from '../api/types';
import { t } from '../messages';
import { PeopleChoice, PersonChoice } from '../people/PersonChoice';
import { ToolGroupSection } from '../provider-groups/ToolGroupSection';
import { CheckList, Choice, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Page, Section } from '../shell/Page';
import { fieldProblem, Problem } from '../shell/problems';
import { ToolDetails } from './ToolPage';
import { ToolSeats } from './ToolSeats';
import { inputOf, initialValues, type ToolValues } from './toolForm';

const text = t.catalog;
const mostDays = 3650;
const mostSeats = 100_000;

/** Adds a tool (`id` is `new`) or changes one. */
export default function ToolFormPage({ id }: { id: string }) {
  const isNew = id === 'new';
  const query = useOperation('catalog.get', { tool: id }, { skip: isNew });
  const tool = query.data?.tool ?? null;
  return (
    <Page
      title={isNew ? text.newTitle : tool?.may_change ? text.editTitle(tool.name) : (tool?.name ?? text.tool)}
      back={{ href: '#/catalog', label: text.adminTitle }}
      actions={tool && <LinkButton href={explainAddress({ tool: tool.id })}>{t.explain.toolLink}</LinkButton>}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {!isNew && query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {(isNew || tool?.may_change) && <ToolForm key={tool?.id ?? 'new'} tool={tool} />}
      {tool && !tool.may_change && <ToolDetails tool={tool} />}
      {tool?.seat_cap != null && <ToolSeats tool={tool.id} />}
      {tool && <ToolGroupSection tool={tool.id} />}
    </Page>
  );
}

function ToolForm({ tool }: { tool: ToolView | null }) {
  const put = useCommand('catalog.put');
  const notice = useNotice();
  const [, navigate] = useLocation();
  const [error, setError] = useState<unknown>(null);
  const initial = initialValues(tool);

  const save = async (values: ToolValues) => {
    if (Number(values.default_days) > Number(values.max_days)) return { default_days: text.daysOrder };
    setError(null);
    try {
      const { proposal } = await put.run(inputOf(values, tool));
      const name = values.name.trim();
      notice(proposal ? t.proposals.waits(name) : text.saved(name));
      navigate('/catalog');
      return undefined;
    } catch (problem) {
      const beside = fieldProblem(problem, values);
      if (!beside) {
        setError(problem);
        window.scrollTo(0, 0);
      }
      return beside;
    }
  };

  return (
    <Form<ToolValues & Record<string, unknown>> onSubmit={save}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={tool ? text.editOf(tool.name) : text.newTitle}>
          {error !== null && <Problem error={error} />}
          <Section title={text.whatItIs}>
            <TextInput name="name" label={text.name} initial={initial.name} required />
            <TextInput name="vendor" label={text.vendor} initial={initial.vendor} required />
            <TextInput name="url" label={text.url} type="url" initial={initial.url} />
            <Choice name="category" label={text.category} options={optionsOf(text.categories)} initial={initial.category} required />
            <TextInputLong name="summary" label={text.summary} help={text.summaryHelp} initial={initial.summary} rows={2} required />
            <TextInputLong name="guidance" label={text.guidance} help={text.guidanceHelp} initial={initial.guidance} rows={4} />
            <TextInputLong name="models" label={text.models} help={text.modelsHelp} initial={initial.models} rows={2} />
            <TextInput name="tags" label={text.tags} help={text.tagsHelp} initial={initial.tags} />
          </Section>
          <Section title={text.terms}>
            <Choice name="status" label={text.status} options={optionsOf(text.statuses)} initial={initial.status} required />
            <Choice name="risk" label={text.risk} help={text.riskHelp} options={optionsOf(text.risks)} initial={initial.risk} required />
            <CheckList
              name="data_classes"
              legend={text.mayBeUsedWith}
              options={optionsOf(text.dataClassHelp)}
              initial={initial.data_classes}
              required
            />
            <PeopleChoice name="owners" label={text.owners} help={text.ownersHelp} initial={initial.owners} />
            <div className="c-columns">
              <Days name="default_days" label={text.defaultDays} initial={initial.default_days} />
              <Days name="max_days" label={text.maxDays} initial={initial.max_days} />
              <Days name="review_days" label={text.reviewDays} initial={initial.review_days} />
            </div>
            <TextInput
              name="seat_cap"
              label={text.seatCap}
              help={text.seatCapHelp}
              type="number"
              min={1}
              max={mostSeats}
              initial={initial.seat_cap}
              check={checkSeats}
            />
            <Choice
              name="emergency"
              label={t.emergency.uses}
              help={t.emergency.usesHelp}
              options={optionsOf(t.emergency.useWords)}
              initial={initial.emergency}
              required
            />
            <Choice
              name="fulfilment"
              label={text.fulfilment}
              options={optionsOf(text.fulfilmentHelp)}
              initial={initial.fulfilment}
              required
            />
            <PersonChoice name="assignee" label={text.assignee} help={text.assigneeHelp} initial={initial.assignee} />
            <TextInputLong
              name="usage_policy"
              label={text.usagePolicy}
              help={text.usagePolicyHelp}
              initial={initial.usage_policy}
              rows={4}
            />
          </Section>
          <p className="c-actions c-or">
            <Button appearance="primary" type="submit" isLoading={put.busy}>
              {text.saveTool}
            </Button>
            <LinkButton appearance="subtle" href="#/catalog">
              {t.common.cancel}
            </LinkButton>
          </p>
        </form>
      )}
    </Form>
  );
}

function checkSeats(value: string | undefined) {
  const seats = Number(value);
  const sound = !value?.trim() || (Number.isInteger(seats) && seats >= 1 && seats <= mostSeats);
  return sound ? undefined : t.errors.wholeNumber(1, mostSeats);
}

function Days({ name, label, initial }: { name: string; label: string; initial: string }) {
  const check = (value: string | undefined) => {
    const days = Number(value);
    return Number.isInteger(days) && days >= 1 && days <= mostDays ? undefined : t.errors.wholeNumber(1, mostDays);
  };
  return <TextInput name={name} label={label} type="number" min={1} max={mostDays} initial={initial} check={check} required />;
}
