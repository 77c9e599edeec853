import Button, { LinkButton } from '@atlaskit/button/new';
import Form, { useFormState } from '@atlaskit/form';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { useCommand, useOperation } from '../api/hooks';
import type { DataClass, ToolView } from '../api/types';
import { RiskLozenge } from '../catalog/lozenges';
import { t } from '../messages';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Page, Section } from '../shell/Page';
import { fieldProblem, Problem } from '../shell/problems';
import { AskFields, askedOf, type AskValues, daysIn } from './AskFields';
import { PreviewedOutcome } from './Outcome';

const text = t.requests;

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

  const send = async (values: AskValues) => {
    setError(null);
    try {
      const { request } = await submit.run(askedOf(tool, values));
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
    <Form<AskValues & Record<string, unknown>> onSubmit={send}>
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
          <AskFields tool={tool} />
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

const pauseMilliseconds = 400;

/** Asks policy, whenever the form rests, what it would do. */
function Preview({ tool }: { tool: ToolView }) {
  const state = useFormState<AskValues>({ values: true });
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
