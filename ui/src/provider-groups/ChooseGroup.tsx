import Button from '@atlaskit/button/new';
import Form from '@atlaskit/form';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useCommand, useList, useQuestion } from '../api/hooks';
import type { ConnectorView, ToolView } from '../api/types';
import { ConnectorTrouble } from '../connectors/Health';
import { t } from '../messages';
import { Proposals } from '../proposals/Proposals';
import { Empty } from '../shell/Empty';
import { TextInput, TextInputLong } from '../shell/fields';
import { ChoiceFilter } from '../shell/filters';
import { LoadingRows } from '../shell/Loading';
import { useNotice } from '../shell/notice';
import { Section } from '../shell/Page';
import { nestedFieldProblem, Problem } from '../shell/problems';
import { CannotBind, GroupReview } from './GroupReview';

const text = t.providerGroups;
const mostConnectors = 100;

/** Chooses the connector, finds or makes the group, and shows what binding it means before it is bound. */
export function ChooseGroup({ tool }: { tool: ToolView }) {
  const connectors = useList('connectors.list', {}, mostConnectors);
  const [chosen, setChosen] = useState<string | null>(null);
  const items = connectors.items ?? [];
  const connector = items.find(({ id }) => id === chosen) ?? (items.length === 1 ? items[0] : undefined);
  if (connectors.error) return <Problem error={connectors.error} onRetry={connectors.retry} />;
  if (!connectors.items) return <LoadingRows label={t.common.loadingPage} />;
  if (items.length === 0) {
    return <Empty title={text.noConnector} hint={text.noConnectorHint} link={{ href: '#/connectors/new', label: t.connectors.add }} />;
  }
  return (
    <>
      <Proposals tool={tool.id} kinds={['bind_group']} />
      <div className="c-filters">
        <ChoiceFilter
          label={text.connector}
          any={t.errors.choose(text.connector)}
          options={items.map(({ id, name }) => ({ value: id, label: name }))}
          value={connector?.id ?? null}
          onChange={setChosen}
        />
      </div>
      {connector && (
        <>
          {connector.status === 'disabled' && <ConnectorTrouble connector={connector} withLink />}
          <Which key={connector.id} tool={tool} connector={connector} />
        </>
      )}
    </>
  );
}

function Which({ tool, connector }: { tool: ToolView; connector: ConnectorView }) {
  const find = useQuestion('provider_groups.find');
  const check = useQuestion('provider_groups.check');
  const look = (group: string) => void check.ask({ tool: tool.id, connector: connector.id, group });
  const found = find.answer?.groups;
  return (
    <>
      <Section title={text.which}>
        <OneField
          name="name"
          label={text.byName}
          help={text.byNameHelp}
          submit={text.find}
          busy={find.busy}
          onSubmit={(name) => void find.ask({ connector: connector.id, name })}
        />
        <div aria-live="polite">
          {find.busy && <p>{text.finding}</p>}
          {find.error !== null && <Problem error={find.error} />}
          {found?.length === 0 && (
            <p>
              <strong>{text.foundNone}.</strong> {text.foundNoneHint}
            </p>
          )}
          {found && found.length > 0 && (
            <ul className="c-plain c-or" aria-label={text.found}>
              {found.map((group) => (
                <li key={group.id} className="c-actions">
                  <strong>{group.name}</strong>
                  {group.description && <span>{group.description}</span>}
                  <span className="c-code">{group.id}</span>
                  <Button spacing="compact" aria-label={text.checkOf(group.name)} onClick={() => look(group.id)}>
                    {text.check}
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </div>
        <OneField name="group" label={text.byId} help={text.byIdHelp} submit={text.check} busy={check.busy} onSubmit={look} />
      </Section>
      <div aria-live="polite">
        {check.busy && <p role="status">{text.checking}</p>}
        {check.error !== null && <Problem error={check.error} />}
      </div>
      {check.answer && (
        <Arrives key={check.answer.group?.id ?? ''}>
          {check.answer.group ? (
            <GroupReview tool={tool} connector={connector} checked={{ ...check.answer, group: check.answer.group }} />
          ) : (
            <CannotBind checked={check.answer} />
          )}
        </Arrives>
      )}
      <Make tool={tool} connector={connector} />
    </>
  );
}

/** Moves the focus to what a person just asked for: it appears further down the page. */
function Arrives({ children }: { children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} tabIndex={-1} className="c-heading-focus">
      {children}
    </div>
  );
}

interface OneFieldProps {
  name: string;
  label: string;
  help: string;
  submit: string;
  busy: boolean;
  onSubmit: (value: string) => void;
}

function OneField({ name, label, help, submit, busy, onSubmit }: OneFieldProps) {
  return (
    <Form<Record<string, string>> onSubmit={(values) => onSubmit((values[name] ?? '').trim())}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-inline-form">
          <div>
            <TextInput name={name} label={label} help={help} autoComplete="off" required />
          </div>
          <Button type="submit" isLoading={busy}>
            {submit}
          </Button>
        </form>
      )}
    </Form>
  );
}

function Make({ tool, connector }: { tool: ToolView; connector: ConnectorView }) {
  const create = useCommand('provider_groups.create');
  const notice = useNotice();
  const [error, setError] = useState<unknown>(null);
  const make = async (values: { name: string; description: string }) => {
    setError(null);
    try {
      const description = values.description.trim();
      const { binding } = await create.run({
        tool: tool.id,
        connector: connector.id,
        name: values.name.trim(),
        ...(description ? { description } : {}),
      });
      if (binding) notice(text.made(binding.group.name), text.boundHint);
      return undefined;
    } catch (problem) {
      const beside = nestedFieldProblem(problem, values);
      if (!beside) setError(problem);
      return beside;
    }
  };
  return (
    <Section title={text.make}>
      <p className="c-lead">{text.makeHelp}</p>
      {error !== null && <Problem error={error} />}
      <Form<{ name: string; description: string } & Record<string, unknown>> onSubmit={make}>
        {({ formProps }) => (
          <form {...formProps} noValidate className="c-form" aria-label={text.make}>
            <TextInput name="name" label={text.makeName} autoComplete="off" required />
            <TextInputLong name="description" label={text.makeDescription} rows={2} />
            <p className="c-or">
              <Button type="submit" isLoading={create.busy}>
                {text.makeSubmit}
              </Button>
            </p>
          </form>
        )}
      </Form>
    </Section>
  );
}
