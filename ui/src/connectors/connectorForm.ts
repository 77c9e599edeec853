import type { Input } from '../api/operations';
import type { ConnectorView, ProviderInput } from '../api/types';
import type { t } from '../messages';
import type { Option } from '../shell/fields';

export type ProviderKind = ProviderInput['kind'];
export type Cloud = keyof typeof t.connectors.clouds;
export type CredentialKind = keyof typeof t.connectors.credentials;

export const credentialsOf: Record<ProviderKind, readonly CredentialKind[]> = {
  okta: ['key_pair', 'api_token'],
  entra: ['certificate', 'client_secret'],
};

/** What the fields of the connector form hold. Those of the other provider or credential are absent. */
export interface ConnectorValues {
  name: string;
  credential: Option<CredentialKind>;
  host?: string;
  cloud?: Option<Cloud>;
  tenant?: string;
  client_id?: string;
  token?: string;
  secret?: string;
  lapses_at?: string;
  changes_per_second?: string;
}

/** The input for what the fields hold. An empty secret is left out: the stored one stays. */
export function inputOf(kind: ProviderKind, values: ConnectorValues, existing: ConnectorView | null): Input<'connectors.put'> {
  return {
    ...(existing ? { connector: existing.id, version: existing.version } : {}),
    name: values.name.trim(),
    provider: kind === 'okta' ? oktaOf(values) : entraOf(values),
    ...(values.changes_per_second ? { changes_per_second: Number(values.changes_per_second) } : {}),
  };
}

/** The most changes a second that a provider can be said to bear. */
export const mostChanges = 200;

function oktaOf(values: ConnectorValues): ProviderInput {
  const host = hostOf(values.host ?? '');
  const token = values.token?.trim();
  return values.credential.value === 'api_token'
    ? { kind: 'okta', host, credential: { kind: 'api_token', ...(token ? { token } : {}) } }
    : { kind: 'okta', host, credential: { kind: 'key_pair', client_id: (values.client_id ?? '').trim() } };
}

function entraOf(values: ConnectorValues): ProviderInput {
  const secret = values.secret?.trim();
  const lapses = values.lapses_at ? new Date(`${values.lapses_at}T00:00:00Z`).toISOString() : null;
  return {
    kind: 'entra',
    cloud: values.cloud?.value ?? 'global',
    tenant: (values.tenant ?? '').trim().toLowerCase(),
    client_id: (values.client_id ?? '').trim().toLowerCase(),
    credential:
      values.credential.value === 'client_secret'
        ? { kind: 'client_secret', ...(secret ? { secret } : {}), ...(lapses ? { lapses_at: lapses } : {}) }
        : { kind: 'certificate' },
  };
}

/** People paste addresses; the host is what counts of them. */
export const hostOf = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, '')
    .replace(/\/+$/, '');

/** What the stored secret belongs to. Typing anything else here means entering it again. */
export function belongsToStored(kind: ProviderKind, values: Partial<ConnectorValues>, existing: ConnectorView): boolean {
  const { provider } = existing;
  if (kind === 'okta' && provider.kind === 'okta') return hostOf(values.host ?? '') === provider.host;
  if (kind === 'entra' && provider.kind === 'entra') {
    return (
      values.cloud?.value === provider.cloud &&
      (values.tenant ?? '').trim().toLowerCase() === provider.tenant &&
      (values.client_id ?? '').trim().toLowerCase() === provider.client_id
    );
  }
  return false;
}

/** Whether saving makes a key or certificate that is not at the provider yet. */
export function makesNewKey(kind: ProviderKind, values: Partial<ConnectorValues>, existing: ConnectorView): boolean {
  const { credential } = existing.provider;
  const wanted = values.credential?.value;
  if (wanted !== 'key_pair' && wanted !== 'certificate') return false;
  if (wanted !== credential.kind || !belongsToStored(kind, values, existing)) return true;
  return credential.kind === 'key_pair' && (values.client_id ?? '').trim() !== credential.client_id;
}
