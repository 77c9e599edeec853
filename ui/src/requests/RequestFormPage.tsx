import Button, { LinkButton } from '@atlaskit/button/new';
import Form, { useFormState } from '@atlaskit/form';
import SectionMessage from '@atlaskit/section-message';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand, useOperation } from '../api/hooks';
import type { DataClass, ToolView } from '../api/types';
import { RiskLozenge } from '../catalog/lozenges';
import { t } from '../messages';
import { Agree, CheckList, TextInput, TextInputLong } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Page, Section } from '../shell/Page';
import { fieldProblem, Problem } from '../shell/problems';
import { PreviewedOutcome } from './Outcome';

const text = t.requests;

interface Values {
  purpose: string;
  data_classes: readonly DataClass[];
  days: string;
  acknowledged?: boolean;
}

/** Asks for access to one tool. */
export default function RequestFormPage({ id }: { id: string }) {
  const query = useOperation('catalog.get', { tool: id });
  const tool = query.data?.tool;
  return (
    <Page
      title={text.formTitle(tool?.name ?? '')}
      lead={text.formLead}
      back={{ href: `#/tools/${id}`, label: tool?.name ?? t.catalog.back }}
    >
      {query.error && <Problem error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows label={t.common.loadingPage} />}
      {tool && <RequestForm tool={tool} />}
    </Page>
  );
}

function RequestForm({ tool }: { tool: ToolView }) {
  const submit = useCommand('requests.submit');
  const notice = useNotice();
  const [, navigate] = useLocation();
  const [error, setError] = useState<unknown>(null);

  const send = async (values: Values) => {
    setError(null);
    try {
      const { request } = await submit.run({
        tool: tool.id,
        purpose: values.purpose.trim(),
        data_classes: [...values.data_classes],
        days: Number(values.days),
        ...(tool.usage_policy && values.acknowledged ? { acknowledged: tool.usage_policy.version } : {}),
      });
      notice(request.state === 'approved' ? text.sentApproved : request.state === 'denied' ? text.sentDenied : text.sent);
      navigate(`/requests/${request.id}`);
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
    <Form<Values & Record<string, unknown>> onSubmit={send}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={text.formTitle(tool.name)}>
          {error !== null && <Problem error={error} />}
          <div className="c-lozenges">
            <RiskLozenge risk={tool.risk} />
          </div>
          {tool.guidance && (
            <Section title={t.catalog.guidance}>
              <p className="c-prose">{tool.guidance}</p>
            </Section>
          )}
          <Section title={text.yourRequest}>
            <TextInputLong name="purpose" label={text.purpose} help={`${text.purposeHelp} ${text.purposeExample}`} required />
            <CheckList
              name="data_classes"
              legend={text.dataClasses}
              help={text.dataHelp}
              options={optionsOf(t.catalog.dataClassHelp).map((option) => ({
                ...option,
                disabled: !tool.data_classes.includes(option.value),
              }))}
              required
            />
            <TextInput
              name="days"
              label={text.daysField}
              help={text.daysHelp(tool.max_days)}
              type="number"
              min={1}
              max={tool.max_days}
              initial={String(tool.default_days)}
              check={(value) => (daysIn(value, tool.max_days) === null ? t.errors.wholeNumber(1, tool.max_days) : undefined)}
              required
            />
          </Section>
          {tool.usage_policy && (
            <Section title={t.catalog.usagePolicy}>
              <SectionMessage appearance="information">
                <p className="c-prose">{tool.usage_policy.text}</p>
              </SectionMessage>
              <Agree name="acknowledged" label={text.policyAgree(tool.usage_policy.version)} complaint={text.policyComplaint} required />
            </Section>
          )}
          <Preview tool={tool} />
          <p className="c-actions c-or">
            <Button appearance="primary" type="submit" isLoading={submit.busy}>
              {text.submit}
            </Button>
            <LinkButton appearance="subtle" href={`#/tools/${tool.id}`}>
              {t.common.cancel}
            </LinkButton>
          </p>
        </form>
      )}
    </Form>
  );
}

function daysIn(value: unknown, most: number): number | null {
  const days = Number(value);
  return Number.isInteger(days) && days >= 1 && days <= most ? days : null;
}

const pauseMilliseconds = 400;

/** Asks policy, whenever the form rests, what it would do. */
function Preview({ tool }: { tool: ToolView }) {
  const state = useFormState<Values>({ values: true });
  const dataClasses = state?.values.data_classes ?? [];
  const days = daysIn(state?.values.days, tool.max_days);
  const wanted = days !== null && dataClasses.length > 0 ? JSON.stringify([days, [...dataClasses].sort()]) : '';
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), pauseMilliseconds);
    return () => clearTimeout(timer);
  }, [wanted]);

  const [askedDays, askedClasses] = asked ? (JSON.parse(asked) as [number, DataClass[]]) : [1, []];
  const query = useOperation(
    'requests.preview',
    // Policy looks at neither purpose nor acknowledgement, but they must be there.
    {
      tool: tool.id,
      purpose: text.purpose,
      data_classes: askedClasses,
      days: askedDays,
      ...(tool.usage_policy ? { acknowledged: tool.usage_policy.version } : {}),
    },
    { skip: !asked },
  );
  return (
    <Section title={text.preview}>
      <div aria-live="polite">
        {!asked && <p className="c-subtle">{text.previewIncomplete}</p>}
        {asked && query.isPending && <p className="c-subtle">{text.previewLoading}</p>}
        {asked && query.error && <Problem error={query.error} />}
        {asked && query.data && <PreviewedOutcome preview={query.data} />}
      </div>
    </Section>
  );
}
