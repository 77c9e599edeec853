/** Connectors, groups, mappings and proposals of the small company. */
import type { BindingView, ConnectorView, GroupCheck, IdentityView, ImportedRow, ProposalView, TestStep } from '../../src/api/types.ts';
import { ada, at, ben, chloe, named } from './company.ts';

export const acme = named('conn_acme', 'Acme workforce');
export const contoso = named('conn_contoso', 'Contoso tenant');
const system = { kind: 'system' } as const;
/** A person as whoever did something. */
const by = (person: { id: string; name: string }) => person;

const jwk = (kid: string) => ({
  kty: 'RSA',
  use: 'sig',
  alg: 'RS256',
  kid,
  n: 'u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u-qKhbwKfBstIs-bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW_VDL5AaWTg0nLVkjRo9z-40RQzuVaE8AkAFmxZzow3x-VJYKdjykkJ0iT9wCS0DRTXu269V264Vf_3jvredZiKRkgwlL9xNAwxXFg0x_XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC-9aGVd-Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmw',
  e: 'AQAB',
});

const pem = `-----BEGIN CERTIFICATE-----\n${'MIIC4jCCAcqgAwIBAgIUQ2xlYXJhbmNlIGNvbm5lY3RvciBrZXkwDQYJKoZI\n'.repeat(12)}-----END CERTIFICATE-----\n`;

export const connectors: ConnectorView[] = [
  {
    ...acme,
    provider: {
      kind: 'okta',
      host: 'acme.okta.com',
      credential: { kind: 'key_pair', client_id: '0oa1b2c3d4e5f6g7h8i9', public_key: jwk('old'), next_public_key: jwk('new') },
    },
    status: 'enabled',
    disabled_since: null,
    health: { state: 'working', since: at(-20), reason: null, what_to_do: null },
    changes_per_second: 4,
    usual_changes_per_second: 8,
    version: 4,
    tools: 2,
  },
  {
    ...contoso,
    provider: {
      kind: 'entra',
      cloud: 'global',
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      client_id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
      credential: {
        kind: 'certificate',
        certificate: {
          pem,
          thumbprint_sha256: 'A1B2'.repeat(16),
          thumbprint_sha1: 'C3D4'.repeat(10),
          ends_at: at(300),
        },
        next_certificate: null,
      },
    },
    status: 'enabled',
    disabled_since: null,
    health: {
      state: 'failing',
      since: at(-0.2),
      reason: 'credentials_refused',
      what_to_do: 'Renew the connector’s credential and test it: what waits goes on by itself.',
    },
    changes_per_second: null,
    usual_changes_per_second: 20,
    version: 1,
    tools: 1,
  },
  {
    ...named('conn_new', 'Acme preview'),
    provider: { kind: 'okta', host: 'acme.oktapreview.com', credential: { kind: 'api_token', secret_set: true } },
    status: 'disabled',
    disabled_since: at(-3),
    health: { state: 'untested', since: null, reason: null, what_to_do: null },
    changes_per_second: null,
    usual_changes_per_second: 8,
    version: 1,
    tools: 0,
  },
];

export const steps: TestStep[] = [
  { step: 'core', result: 'passed', reason: null, what_to_do: null },
  {
    step: 'sign_in',
    result: 'failed',
    reason: 'credentials_refused',
    what_to_do: 'Renew the connector’s credential and test it: what waits goes on by itself.',
  },
  { step: 'permissions', result: 'not_reached', reason: null, what_to_do: null },
];

export const bindings: BindingView[] = [
  {
    tool: named('tool_chat', 'ChatGPT Business'),
    connector: acme,
    group: named('00g1a2b3c4d5e6f7g8h9', 'ai-chatgpt-business'),
    bound_at: at(-30),
    bound_by: by(ada),
    confirmed_by: by(ben),
    members: 42,
    hold: { since: at(-0.1), removals: 13, members: 42 },
    last_check: { at: at(-0.2), outcome: 'complete', findings: 3 },
    gone: false,
  },
  {
    tool: named('tool_copilot', 'GitHub Copilot Business'),
    connector: contoso,
    group: named('5b4e28ba-2fa1-11d2-883f-0016d3cca427', 'AI GitHub Copilot'),
    bound_at: at(-12),
    bound_by: { kind: 'console' },
    confirmed_by: null,
    members: 7,
    hold: null,
    last_check: null,
    gone: false,
  },
];

export const checked: GroupCheck = {
  group: {
    id: '00g9z8y7x6w5v4u3t2s1',
    name: 'ai-deepl-pro',
    description: 'People who may use DeepL',
    members: { at_least: 200, more: true },
    reach: { kind: 'applications', names: ['Jira', 'Confluence'] },
  },
  bindable: true,
  reason: null,
  what_to_do: null,
  needs_second: true,
  why: 'The group has members and opens other applications.',
};

export const proposals: ProposalView[] = [
  {
    id: 'prop_1',
    kind: 'bind_group',
    tool: named('tool_deepl', 'DeepL Pro'),
    connector: acme,
    group: named('00g9z8y7x6w5v4u3t2s1', 'ai-deepl-pro'),
    person: null,
    account_name: null,
    findings: [],
    changes: [],
    witness: null,
    why: 'The group has 200 or more members and opens Jira and Confluence.',
    proposed_by: by(ben),
    proposed_at: at(-0.5),
    state: 'open',
    decided_by: null,
    decided_at: null,
    may_confirm: true,
    may_withdraw: true,
    alone_from: null,
  },
  {
    id: 'prop_2',
    kind: 'map_identity',
    tool: null,
    connector: acme,
    group: null,
    person: ada,
    account_name: 'Ada Mbeki',
    findings: [],
    changes: [],
    witness: null,
    why: 'Nobody maps themselves alone.',
    proposed_by: by(ada),
    proposed_at: at(-0.1),
    state: 'open',
    decided_by: null,
    decided_at: null,
    may_confirm: false,
    may_withdraw: true,
    alone_from: at(0.9),
  },
  {
    id: 'prop_3',
    kind: 'publish_policy',
    changes: [],
    draft: 12,
    note: 'Translation is harmless, and people need it for longer',
    findings: [],
    why: 'The draft gives more than the active policy for some request; lint shows one.',
    proposed_by: by(ben),
    proposed_at: at(-0.2),
    state: 'open',
    may_confirm: true,
    may_withdraw: true,
  },
  {
    id: 'prop_4',
    kind: 'answer_for_findings',
    tool: named('tool_chat', 'ChatGPT Business'),
    changes: [],
    witness: null,
    findings: ['find_3', 'find_4'],
    disposition: 'baseline',
    owner: chloe,
    ends_at: at(90),
    reason: 'In use since spring',
    why: 'It lets access stay that nobody approved, or a group that others manage.',
    proposed_by: by(ben),
    proposed_at: at(-0.3),
    state: 'open',
    may_confirm: true,
    may_withdraw: true,
  },
];

export const identities: IdentityView[] = [
  { connector: acme, person: ada, display_name: 'Ada Mbeki', hint: '7g8h', mapped_at: at(-20), mapped_by: by(ben), confirmed_by: null },
  {
    connector: acme,
    person: chloe,
    display_name: 'Chloé Dubois',
    hint: 'k1m2',
    mapped_at: at(-9),
    mapped_by: by(ada),
    confirmed_by: by(ben),
  },
  { connector: acme, person: ben, display_name: 'Benedict Okafor', hint: '3c4d', mapped_at: at(-2), mapped_by: system, confirmed_by: null },
];

/** One row of each kind, over and over. */
export function importOf(rows: readonly { person: string; account: string }[]): ImportedRow[] {
  const kinds: ImportedRow[] = [
    { person: ada, account_name: 'Ada Mbeki', hint: '7g8h', change: 'same', problem: null, message: null },
    { person: ben, account_name: 'Ben Okafor', hint: '5e6f', change: 'change', problem: null, message: null },
    { person: chloe, account_name: 'Chloé Dubois', hint: 'k1m2', change: 'add', problem: null, message: null },
    {
      person: null,
      account_name: null,
      hint: null,
      change: 'problem',
      problem: 'account_not_found',
      message: 'the provider knows no such account',
    },
  ];
  return rows.map((_, place) => kinds[place % kinds.length]!);
}
