/** A small company to look at the pages with. The shapes are the API's own types, so a changed API breaks this file. */
import type { Output } from '../../src/api/operations.ts';
import type {
  EmergencyView,
  GrantView,
  PersonView,
  RequestView,
  Settings,
  TokenView,
  ToolProposalView,
  ToolView,
} from '../../src/api/types.ts';

const now = Date.parse('2026-11-23T18:00:00Z');
export const at = (days: number) => new Date(now + days * 86_400_000).toISOString();
export const named = (id: string, name: string) => ({ id, name });

export const ada = named('person_ada00000000000000000000000', 'Ada Mbeki');
export const ben = named('person_ben00000000000000000000000', 'Ben Okafor');
export const chloe = named('person_chloe000000000000000000000', 'Chloé Dubois');
export const groups = [named('group_admins', 'Administrators'), named('group_security', 'Security'), named('group_design', 'Design')];

export const people: PersonView[] = [
  { ...ada, email: 'ada@example.com', role: 'administrator', status: 'active', groups: [groups[0]!] },
  { ...ben, email: 'ben@example.com', role: 'member', status: 'active', groups: [groups[1]!, groups[2]!] },
  { ...chloe, email: 'chloe@example.com', role: 'auditor', status: 'active', groups: [], manager: null },
  {
    id: 'person_dan00000000000000000000000',
    name: 'Daniel Østergård-Villanueva de la Cruz',
    email: null,
    role: 'member',
    status: 'left',
    groups: [],
    manager: null,
  },
  {
    id: 'person_eve00000000000000000000000',
    name: 'Eve Lindqvist',
    email: null,
    role: 'member',
    status: 'erasing',
    groups: [],
    manager: null,
  },
];

export const settings: Settings = {
  organization: 'Example Ltd',
  administrators: 'group_admins',
  security: 'group_security',
  pending_days: 14,
  drift_hours: 6,
  removal_share_percent: 30,
  seat_offer_days: 3,
  emergency: { group: 'group_security', days: 1, budget: 2, budget_days: 30 },
  email_notices: true,
  limits: {
    decisions: { per_hour: 18_000, burst: 1_000 },
    export: { per_hour: 5_000_000, burst: 2_500_000 },
    verification: { per_hour: 20_000_000, burst: 10_000_000 },
    tokens: { per_hour: 20, burst: 20 },
    set_up_links: { per_hour: 240, burst: 60 },
    erasure: { per_hour: 30, burst: 10 },
    connector_tests: { per_hour: 600, burst: 60 },
    imports: { per_hour: 20_000, burst: 10_000 },
    sign_in_account: { per_hour: 60, burst: 10 },
    sign_in_network: { per_hour: 720, burst: 60 },
  },
  retention: { request_texts: 1095, tokens: 90, set_up_links: 30, notices: 14, inbox: 90, findings: 365, reviews: 1095 },
  reviews: { reviewers: { high: 'security' }, postponements: 1, postponement_days: 7, burst_grants: 100, burst_days: 7 },
};

function tool(id: string, name: string, vendor: string, over: Partial<ToolView>): ToolView {
  return {
    id,
    name,
    vendor,
    url: 'https://example.com/',
    category: 'assistant',
    models: ['Model 1', 'Model 2'],
    summary: 'Drafting, summarising and analysis of files in a shared workspace for small and medium teams.',
    guidance:
      'Use the company workspace only, never a personal account.\nKeep customer data and secrets out, and verify facts before they leave the team.',
    risk: 'medium',
    status: 'requestable',
    data_classes: ['public', 'internal'],
    usage_policy: null,
    owners: [ben],
    default_days: 30,
    max_days: 90,
    review_days: 14,
    seat_cap: null,
    emergency: 'never',
    fulfilment: { kind: 'record_only' },
    tags: ['assistant'],
    version: 1,
    may_change: true,
    ...over,
  };
}

export const tools: ToolView[] = [
  tool('tool_chat', 'ChatGPT Business', 'OpenAI', {}),
  tool('tool_deepl', 'DeepL Pro', 'DeepL', {
    risk: 'low',
    seat_cap: 25,
    emergency: 'allowed',
    category: 'writing',
    summary: 'Translation and rewriting with company terms.',
  }),
  tool('tool_copilot', 'GitHub Copilot Business', 'GitHub', {
    risk: 'high',
    category: 'coding',
    data_classes: ['public', 'internal', 'confidential'],
    fulfilment: { kind: 'manual', assignee: ben.id },
    usage_policy: { version: 2, text: 'I will review every suggestion before I commit it.\nI will not paste secrets into prompts.' },
  }),
  tool('tool_personal', 'ChatGPT (personal plans)', 'OpenAI', { risk: 'restricted', data_classes: ['public'], owners: [] }),
  tool('tool_midjourney', 'Midjourney', 'Midjourney', { category: 'media', owners: [], status: 'suspended' }),
];

export const rule = named('rule_medium', 'Medium risk needs the tool owner');

/** Of a stage of which nothing was taken back, and which does not time out. */
const untroubled = { fallback: [], taken_back: [] };

function request(id: string, over: Partial<RequestView>): RequestView {
  return {
    id,
    state: 'pending',
    requester: ben,
    tool: named('tool_chat', 'ChatGPT Business'),
    risk: 'medium',
    purpose: 'Summarise public research papers for the quarterly report.\nDraft the first outline.',
    data_classes: ['public', 'internal'],
    days: 30,
    acknowledged: null,
    source: 'app',
    submitted_at: at(-1),
    extends: null,
    policy_version: 3,
    matched_rules: [rule],
    outcome: { kind: 'stages', stages: [{ name: 'Tool owner', approvers: ['tool_owners'], quorum: 'any' }] },
    stages: [
      {
        name: 'Tool owner',
        standing: 'decided',
        approvers: ['Tool owners'],
        quorum: 'any',
        since: at(-1),
        approvals: [{ by: chloe, at: at(-0.5), rationale: 'Fits the guidance.', days: 14 }],
        ...untroubled,
      },
      {
        name: 'Security',
        standing: 'open',
        approvers: ['Security'],
        quorum: { at_least: 2 },
        since: at(-0.5),
        approvals: [],
        ...untroubled,
      },
      {
        name: 'Administrators',
        standing: 'ahead',
        approvers: ['Administrators', 'Ada Mbeki'],
        quorum: 'any',
        since: null,
        approvals: [],
        ...untroubled,
      },
    ],
    deadline: at(13),
    exchanges: [],
    closed_at: null,
    closed_by: null,
    denial: [],
    approved_days: null,
    grant: null,
    seat: null,
    may_accept_seat: false,
    may_decide: true,
    may_cancel: false,
    may_withdraw_approval: false,
    may_answer: false,
    can_act: {
      people: [
        { person: ada, since: at(-0.5) },
        { person: ben, on_behalf_of: chloe, since: at(-0.2) },
      ],
      more: false,
    },
    ...over,
  };
}

export const requests: RequestView[] = [
  request('req_1', {}),
  request('req_2', {
    state: 'needs_information',
    requester: ada,
    may_decide: false,
    may_cancel: true,
    may_answer: true,
    exchanges: [
      { asked_by: ben, asked_at: at(-0.2), question: 'Which papers, and are any of them under embargo?', answer: null, answered_at: null },
    ],
  }),
  request('req_3', {
    state: 'approved',
    requester: ada,
    grant: 'grant_1',
    closed_at: at(-3),
    closed_by: ben,
    approved_days: 14,
    deadline: null,
    may_decide: false,
  }),
  request('req_4', {
    state: 'denied',
    tool: named('tool_personal', 'ChatGPT (personal plans)'),
    risk: 'restricted',
    stages: [],
    outcome: { kind: 'denied', reasons: [] },
    denial: ['This tool is restricted; choose another one from the catalogue'],
    closed_at: at(-4),
    may_decide: false,
    deadline: null,
  }),
  request('req_5', { state: 'lapsed', may_decide: false, deadline: null, closed_at: at(-9) }),
  request('req_6', { state: 'cancelled', may_decide: false, deadline: null, closed_at: at(-9) }),
  request('req_7', {
    state: 'awaiting_seat',
    requester: ada,
    approved_days: 30,
    deadline: null,
    may_decide: false,
    may_cancel: true,
    seat: { place: 3, offered_until: null, since: at(-1) },
  }),
  request('req_8', {
    state: 'seat_offered',
    requester: ada,
    approved_days: 30,
    deadline: null,
    may_decide: false,
    may_cancel: true,
    may_accept_seat: true,
    seat: { place: null, offered_until: at(2), since: at(-1) },
  }),
];

function grant(id: string, over: Partial<GrantView>): GrantView {
  return {
    id,
    state: 'active',
    person: ada,
    tool: named('tool_chat', 'ChatGPT Business'),
    request: 'req_3',
    approved_at: at(-3),
    activated_at: at(-3),
    ends_at: at(11),
    ended_at: null,
    end_reason: null,
    days: null,
    follow_up: null,
    extensions: 0,
    means: 'record_only',
    may_extend: true,
    may_give_back: true,
    may_revoke: true,
    ...over,
  };
}

const still = { may_extend: false, may_give_back: false, may_revoke: false };
export const grants: GrantView[] = [
  grant('grant_1', {}),
  grant('grant_2', {
    tool: named('tool_copilot', 'GitHub Copilot Business'),
    state: 'awaiting_provisioning',
    activated_at: null,
    ends_at: null,
    days: 30,
    means: 'connected',
    may_extend: false,
  }),
  grant('grant_3', { tool: named('tool_deepl', 'DeepL Pro'), state: 'removing', end_reason: 'given_back', means: 'connected', ...still }),
  grant('grant_4', {
    tool: named('tool_copilot', 'GitHub Copilot Business'),
    state: 'needs_follow_up',
    means: 'connected',
    follow_up: {
      reason: 'no_identity',
      what_to_do: 'Map the person to their account at the provider, then retry.',
      since: at(-1),
    },
    ...still,
  }),
  grant('grant_5', { state: 'ended', end_reason: 'expired', ends_at: null, ended_at: at(-40), ...still }),
];

function token(id: string, over: Partial<TokenView>): TokenView {
  return {
    id,
    person: ada,
    scope: 'act',
    created_at: at(-2),
    expires_at: new Date(Date.now() + 7e9).toISOString(),
    revoked_at: null,
    ...over,
  };
}

export const tokens: TokenView[] = [
  token('token_01kb2m9x7c4d5e6f7g8h9j0k1m', {}),
  token('token_01ka2m9x7c4d5e6f7g8h9j0k1m', { scope: 'log', created_at: at(-100), expires_at: at(-10) }),
  token('token_01ja2m9x7c4d5e6f7g8h9j0k1m', { scope: 'read', created_at: at(-40), revoked_at: at(-3) }),
];

export const erasure: Output<'people.erasure'> = {
  person: 'person_eve00000000000000000000000',
  state: 'ending',
  started_at: at(-0.1),
  erased_at: null,
  waiting_for: [
    { grant: 'grant_3', tool: named('tool_deepl', 'DeepL Pro'), state: 'removing', task: 'job_2', assignee: ben },
    { grant: 'grant_2', tool: named('tool_copilot', 'GitHub Copilot Business'), state: 'removing', task: 'job_1', assignee: null },
  ],
  exports: {
    items: [
      { export: 'export_01kb2m9x7c4d5e6f7g8h9j0k1m', at: at(-30), by: chloe, scope: { of: 'period', from: at(-120), until: at(-30) } },
    ],
    next: null,
  },
};

export const delegations = [
  {
    delegator: ada,
    delegate: ben,
    from: at(-2),
    until: at(12),
    active: true,
    put_by: { kind: 'person', ...ada },
    put_at: at(-3),
    may_end: true,
  },
  {
    delegator: chloe,
    delegate: ada,
    from: at(20),
    until: at(34),
    active: false,
    put_by: { kind: 'person', ...chloe },
    put_at: at(-1),
    may_end: true,
  },
];

/** Proposed tools: one that waits, one that was assessed. */
export const toolProposals: ToolProposalView[] = [
  {
    id: 'tprop_1',
    state: 'proposed',
    proposer: ada,
    submitted_at: at(-2),
    name: 'Minute Maker',
    url: 'https://minutes.example/product',
    purpose: 'Sum up the meetings of the project, with decisions and who is to do what.',
    data_classes: ['internal'],
    assessor: null,
    closed_at: null,
    tool: null,
    reasons: [],
    assessment: null,
    known: [named('tool_chat', 'ChatGPT Business')],
    may_assess: true,
    may_withdraw: true,
  },
  {
    id: 'tprop_2',
    state: 'declined',
    proposer: ada,
    submitted_at: at(-20),
    name: 'Slide Maker',
    url: 'https://slides.example/',
    purpose: 'Slides from notes.',
    data_classes: ['public'],
    assessor: chloe,
    closed_at: at(-18),
    tool: null,
    reasons: ['Nothing can be deleted there, and no contract can be had.'],
    assessment: { by: chloe, answers: { vendor_known: 'yes', deletion_possible: 'no', contract_possible: 'unknown' }, risk: 'high' },
    known: [],
    may_assess: false,
    may_withdraw: false,
  },
];

/** Emergency access: one whose note is overdue, one that was reviewed. */
export const emergencies: EmergencyView[] = [
  {
    id: 'emerg_1',
    state: 'open',
    person: ada,
    tool: named('tool_copilot', 'GitHub Copilot Business'),
    request: 'req_3',
    grant: 'grant_1',
    incident: 'INC-2041',
    at: at(-2),
    note_due: at(-1),
    note: null,
    noted_at: null,
    review_due: at(0),
    verdict: null,
    reason: null,
    reviewed_by: null,
    reviewed_at: null,
    overdue: true,
    may_note: true,
    may_review: true,
  },
  {
    id: 'emerg_2',
    state: 'reviewed',
    person: ben,
    tool: named('tool_chat', 'ChatGPT Business'),
    request: 'req_3',
    grant: 'grant_1',
    incident: 'INC-1990',
    at: at(-12),
    note_due: at(-11),
    note: 'Read the logs of the gateway, and found the certificate that had lapsed.',
    noted_at: at(-12),
    review_due: at(-10),
    verdict: 'justified',
    reason: 'Sign-in was down for everybody.',
    reviewed_by: chloe,
    reviewed_at: at(-11),
    overdue: false,
    may_note: false,
    may_review: false,
  },
];
