import Button, { LinkButton } from '@atlaskit/button/new';
import Form, { useFormState } from '@atlaskit/form';
import SectionMessage from '@atlaskit/section-message';
import { useState } from 'react';
import { useCommand } from '../api/hooks';
import type { ConnectorView } from '../api/types';
import { t } from '../messages';
import { Choice, type Option, TextInput } from '../shell/fields';
import { optionsOf } from '../shell/filters';
import { Section } from '../shell/Page';
import { nestedFieldProblem, Problem } from '../shell/problems';
import {
  belongsToStored,
  type ConnectorValues,
  credentialsOf,
  type CredentialKind,
  inputOf,
  makesNewKey,
  mostChanges,
  type ProviderKind,
} from './connectorForm';

const text = t.connectors;

interface ConnectorFormProps {
  kind: ProviderKind;
  /** The connector to change; none makes one. */
  existing: ConnectorView | null;
  onSaved: (saved: ConnectorView, newKey: boolean) => void;
  cancel: { href: string };
}

/** Tenant and credential. A stored secret is never shown; it has to be entered again when it would belong to something else. */
export function ConnectorForm({ kind, existing, onSaved, cancel }: ConnectorFormProps) {
  const put = useCommand('connectors.put');
  const [error, setError] = useState<unknown>(null);

  const save = async (values: ConnectorValues) => {
    setError(null);
    try {
      const { connector } = await put.run(inputOf(kind, values, existing));
      onSaved(connector, existing !== null && makesNewKey(kind, values, existing));
      return undefined;
    } catch (problem) {
      const beside = nestedFieldProblem(problem, values);
      if (!beside) {
        setError(problem);
        window.scrollTo(0, 0);
      }
      return beside;
    }
  };

  return (
    <Form<ConnectorValues & Record<string, unknown>> onSubmit={save}>
      {({ formProps }) => (
        <form {...formProps} noValidate className="c-form" aria-label={existing ? text.editTitle(existing.name) : text.newTitle}>
          {error !== null && <Problem error={error} />}
          <ConnectorFields kind={kind} existing={existing} />
          <p className="c-actions c-or">
            <Button appearance="primary" type="submit" isLoading={put.busy}>
              {existing ? text.save : text.saveNew}
            </Button>
            <LinkButton appearance="subtle" href={cancel.href}>
              {t.common.cancel}
            </LinkButton>
          </p>
        </form>
      )}
    </Form>
  );
}

function ConnectorFields({ kind, existing }: { kind: ProviderKind; existing: ConnectorView | null }) {
  const provider = existing?.provider;
  const options = credentialsOf[kind].map((value) => ({ value, label: text.credentialHelp[value] }));
  const clouds = optionsOf(text.clouds);
  const [first] = options;
  const stored = options.find(({ value }) => value === provider?.credential.kind);
  const values = useFormState<Partial<ConnectorValues>>({ values: true })?.values ?? {};
  const credential = values.credential?.value ?? stored?.value ?? first?.value ?? 'key_pair';
  return (
    <>
      <Before kind={kind} credential={credential} isNew={existing === null} />
      <Section title={text.step.tenant}>
        <TextInput name="name" label={text.name} help={text.nameHelp} initial={existing?.name} required />
        {kind === 'okta' ? (
          <TextInput
            name="host"
            label={text.host}
            help={text.hostHelp}
            initial={provider?.kind === 'okta' ? provider.host : ''}
            autoComplete="off"
            required
          />
        ) : (
          <>
            <Choice
              name="cloud"
              label={text.cloud}
              options={clouds}
              initial={clouds.find(({ value }) => value === (provider?.kind === 'entra' ? provider.cloud : 'global'))}
              required
            />
            <TextInput
              name="tenant"
              label={text.tenantId}
              help={text.tenantIdHelp}
              initial={provider?.kind === 'entra' ? provider.tenant : ''}
              autoComplete="off"
              required
            />
            <TextInput
              name="client_id"
              label={text.clientIdEntra}
              initial={provider?.kind === 'entra' ? provider.client_id : ''}
              autoComplete="off"
              required
            />
          </>
        )}
        <Choice<CredentialKind> name="credential" label={text.credential} options={options} initial={stored ?? first} required />
        <Credential kind={kind} credential={credential} existing={existing} values={values} />
        {existing && makesNewKey(kind, values, existing) && <p role="status">{text.newKeyFollows}</p>}
        <TextInput
          name="changes_per_second"
          label={text.pace}
          help={text.paceHelp}
          type="number"
          min={1}
          max={mostChanges}
          initial={existing?.changes_per_second?.toString()}
          check={(value) => {
            const changes = Number(value);
            return !value || (Number.isInteger(changes) && changes >= 1 && changes <= mostChanges)
              ? undefined
              : t.errors.wholeNumber(1, mostChanges);
          }}
        />
      </Section>
    </>
  );
}

interface CredentialProps {
  kind: ProviderKind;
  credential: CredentialKind;
  existing: ConnectorView | null;
  values: Partial<ConnectorValues>;
}

function Credential({ kind, credential, existing, values }: CredentialProps) {
  const stored = existing?.provider.credential;
  const secretStays = stored?.kind === credential && existing !== null && belongsToStored(kind, values, existing);
  const help = secretStays ? text.secretKept : stored?.kind === credential ? text.secretAgain : text.secretHelp;
  switch (credential) {
    case 'key_pair':
      return (
        <TextInput
          name="client_id"
          label={text.clientId}
          initial={stored?.kind === 'key_pair' ? stored.client_id : ''}
          autoComplete="off"
          required
        />
      );
    case 'api_token':
      return <Secret key={String(secretStays)} name="token" label={text.token} help={help} required={!secretStays} />;
    case 'client_secret':
      return (
        <>
          <Secret key={String(secretStays)} name="secret" label={text.secret} help={help} required={!secretStays} />
          <TextInput
            name="lapses_at"
            label={text.lapsesAt}
            help={text.lapsesAtHelp}
            type="date"
            initial={stored?.kind === 'client_secret' ? (stored.lapses_at ?? '').slice(0, 10) : ''}
          />
        </>
      );
    case 'certificate':
      return null;
  }
}

/** Browsers must not offer the person's own password here, nor keep this one. */
function Secret(props: { name: string; label: string; help: string; required: boolean }) {
  return <TextInput {...props} type="password" autoComplete="new-password" />;
}

/** What has to be done at the provider before the fields can be filled in. */
function Before({ kind, credential, isNew }: { kind: ProviderKind; credential: CredentialKind; isNew: boolean }) {
  if (!isNew) return null;
  const steps = kind === 'entra' ? text.beforeEntra : credential === 'api_token' ? text.beforeOktaToken : text.beforeOkta;
  return (
    <SectionMessage appearance="information" title={text.before}>
      <ol className="c-how">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </SectionMessage>
  );
}

export const providerOptions: readonly Option<ProviderKind>[] = optionsOf(text.providers);
