import type { Answer, Api } from '../server.ts';
import {
  ada,
  at,
  delegations,
  emergencies,
  erasure,
  grants,
  groups,
  people,
  requests,
  settings,
  tokens,
  toolProposals,
  tools,
} from './company.ts';
import { bindings, checked, connectors, identities, importOf, proposals, steps } from './directory.ts';
import { findings } from './drift.ts';
import { inbox, preferences } from './inbox.ts';
import { forecast, series, summary } from './insights.ts';
import { draft, issues, waiting } from './issues.ts';
import { alarm, attempts, jobs } from './jobs.ts';
import { checkpoints, latest, listEntries, proof, verifierKeys } from './log.ts';
import { exceptions } from './exceptions.ts';
import { factsOf, reviews } from './reviews.ts';
import { backTest, draft as policyDraft, explanation, lint, policies, replay } from './policies.ts';

const exportOf = (of: string) => ({
  id: 'export_01kb2m9x7c4d5e6f7g8h9j0k1m',
  scope: { of },
  tree_size: 121,
  records: of === 'requests' ? 0 : 87,
  explained: true,
  made_at: at(0),
  expires_at: at(1 / 24),
  progress: { is: 'streamed' },
  download: '/api/v1/exports/export_01kb2m9x7c4d5e6f7g8h9j0k1m',
});
const list = (items: readonly unknown[]) => ({ items, next: null });

const known = (id: string) => {
  const connector = connectors.find((each) => each.id === id);
  return (
    connector && {
      connector,
      grants: { count: 42, more: false },
      removals_due: { count: 3, more: false },
      removals_stuck: { count: 1, more: false },
      alarm: 'day',
    }
  );
};

/** Operations by name, each a function of its input. Enough for every page to have content. */
const operations: Record<string, (input: Record<string, unknown>) => unknown> = {
  'catalog.list': ({ search, risk, status }) =>
    list(
      tools.filter(
        (tool) =>
          (!search || tool.name.toLowerCase().includes(String(search).toLowerCase())) &&
          (!risk || tool.risk === risk) &&
          (!status || tool.status === status),
      ),
    ),
  'catalog.get': ({ tool }) => ({ tool: tools.find(({ id }) => id === tool) }),
  'catalog.put': ({ name }) => ({ tool: { ...tools[0], name }, proposal: null }),
  'catalog.load_starter': () => ({ added: 26 }),
  'people.list': ({ name = '' }) => list(people.filter((person) => person.name.startsWith(String(name)))),
  'people.put': () => ({ person: people[0], proposal: null }),
  'people.erase': () => erasure,
  'people.erasure': () => erasure,
  'tokens.list': () => list(tokens),
  'tokens.create': () => ({ token: tokens[0], secret: 'clr_0123456789abcdefghjkmnpqrstvwxyz' }),
  'tokens.revoke': () => ({ token: tokens[0] }),
  'set_up_links.create': () => ({ person: people[1], path: '/set-up?token=0123456789abcdef', expires_at: at(1) }),
  'people_groups.list': () => list(groups),
  'people_groups.put': () => ({ group: groups[0] }),
  'settings.get': () => ({ settings }),
  'settings.put': () => ({ settings, proposal: null }),
  'policies.list': () => list(policies),
  'policies.get': ({ number, against }) => {
    const [policy, other] = [number ?? 3, against].map((wanted) => policies.find((each) => each.number === wanted));
    return { policy, ...(other ? { against: other, difference: policy?.difference } : {}) };
  },
  'policies.draft': () => ({ draft: policyDraft }),
  'policies.put_draft': ({ order, put }) => {
    const ids = (order as string[] | undefined) ?? policyDraft.rules.map(({ id }) => id);
    const added = ((put as { id?: string }[] | undefined) ?? []).flatMap(({ id }) => (id ? [] : ['rule_new']));
    return { version: policyDraft.version + 1, based_on: 3, rules: [...ids, ...added] };
  },
  'policies.discard_draft': () => ({ version: policyDraft.version + 1 }),
  'policies.lint': ({ number }) => (number ? { findings: lint.findings.slice(1, 2), widening: null } : lint),
  'policies.publish': () => ({ policy: null, proposal: proposals[2] }),
  'policies.back_test': ({ after }) => backTest(after as string | undefined),
  'policies.replay': ({ after }) => replay(after as string | undefined),
  'grants.explain': () => explanation,
  'requests.list': ({ state, requester }) =>
    list(requests.filter((request) => (!state || request.state === state) && (requester !== 'me' || request.requester.id === ada.id))),
  'requests.get': ({ request }) => ({ request: requests.find(({ id }) => id === request) }),
  'requests.preview': () => ({
    outcome: 'stages',
    reasons: [],
    stages: requests[0]!.stages.map((stage) => ({ ...stage, standing: 'ahead', approvals: [] })),
    matched_rules: [],
    extension: false,
  }),
  'requests.submit': () => ({ request: requests[0] }),
  'requests.cancel': () => ({ request: requests[5] }),
  'seats.get': ({ tool }) => ({
    seats: { tool: { id: tool, name: 'DeepL Pro' }, cap: 25, grants: 22, members: 2, offered: 1, free: 0, waiting: 3, counting: false },
    seekers: [
      { request: 'req_8', person: ada, place: null, since: null, offered_until: at(2) },
      { request: 'req_7', person: ada, place: 1, since: at(-1), offered_until: null },
    ],
  }),
  'seats.accept': () => ({ request: { ...requests[2], state: 'approved' }, grant: grants[0] }),
  'seats.decline': () => ({ request: { ...requests[7], state: 'forgone', seat: null } }),
  'tool_proposals.list': () => list(toolProposals),
  'tool_proposals.get': ({ proposal }) => ({
    proposal: toolProposals.find(({ id }) => id === proposal),
    questions: [
      { question: 'vendor_known', text: 'Is it known who sells it, and where they are established?' },
      { question: 'no_training', text: 'Is nothing that is put in used for training, or can that be switched off?' },
    ],
  }),
  'tool_proposals.submit': () => ({ proposal: toolProposals[0], questions: [] }),
  'tool_proposals.begin': () => ({ proposal: { ...toolProposals[0], state: 'under_assessment' }, questions: [] }),
  'tool_proposals.assess': () => ({ proposal: toolProposals[1], questions: [] }),
  'tool_proposals.withdraw': () => ({ proposal: { ...toolProposals[0], state: 'withdrawn' }, questions: [] }),
  'emergency.list': () => list(emergencies),
  'emergency.request': () => ({ emergency: emergencies[0], grant: grants[0] }),
  'emergency.note': () => ({ emergency: { ...emergencies[0], state: 'noted' } }),
  'emergency.review': () => ({ emergency: emergencies[1] }),
  'requests.provide_information': () => ({ request: requests[0] }),
  'approvals.queue': () =>
    list(
      requests.slice(0, 3).map((request, place) => ({
        request: { ...request, deadline: at(13), extension: place === 1 },
        stage: 'Tool owner',
        since: at(-place),
      })),
    ),
  'approvals.decide': () => ({ request: requests[2] }),
  'approvals.decide_many': ({ requests: ids }) => ({
    results: (ids as string[]).map((request, place) =>
      place === 0
        ? { request, decided: true }
        : { request, decided: false, code: 'own_request', message: 'nobody decides his own request' },
    ),
    remaining: [],
  }),
  'approvals.ask': () => ({ request: requests[1] }),
  'approvals.withdraw': () => ({ request: requests[0] }),
  'delegations.list': () => list(delegations),
  'delegations.put': () => ({ delegation: delegations[0] }),
  'delegations.end': () => ({ delegation: delegations[0] }),
  'delegations.candidates': ({ name }) => ({
    people: people.filter((person) => person.name.startsWith(String(name))).map(({ id, name }) => ({ id, name })),
  }),
  'grants.list': ({ state }) => list(grants.filter((grant) => !state || grant.state === state)),
  'grants.get': ({ grant }) => ({ grant: grants.find(({ id }) => id === grant) }),
  'grants.extend': () => ({ request: requests[0] }),
  'grants.give_back': () => ({ grant: grants[2] }),
  'grants.revoke': () => ({ grant: grants[2] }),
  'exceptions.list': ({ state, kind }) =>
    list(exceptions.filter((each) => each.state === (state ?? 'in_force') && (!kind || each.kind === kind))),
  'exceptions.get': ({ exception }) => ({ exception: exceptions.find((each) => each.exception === exception) }),
  'exceptions.put': () => ({ exception: exceptions[2], proposal: proposals[2] }),
  'exceptions.end': () => ({ exception: { ...exceptions[0], state: 'over' } }),
  'exceptions.baseline': () => ({ found: 12, answered_for: 3, undecided: 2, remaining: 5 }),
  'reviews.list': ({ mine, state }) =>
    list(
      reviews.filter((review) =>
        mine ? review.may_decide : !state || review.state === state || (state === 'open' && review.state === 'postponed'),
      ),
    ),
  'reviews.get': ({ review }) => {
    const found = reviews.find(({ id }) => id === review);
    return found && { review: found, facts: factsOf(found) };
  },
  'reviews.decide': () => ({ review: reviews[2] }),
  'reviews.postpone': () => ({ review: reviews[1] }),
  'jobs.list': ({ state, stuck }) => list(jobs.filter((job) => (!state || job.state === state) && (!stuck || job.alarm))),
  'jobs.alarm': () => ({ alarm }),
  'jobs.get': ({ job }) => {
    const found = jobs.find(({ id }) => id === job);
    return found && { job: found, attempts: found.attempts > 0 ? attempts : [] };
  },
  'jobs.retry': () => ({ job: jobs[2] }),
  'jobs.cancel': () => ({ job: jobs[2] }),
  'drift.list': ({ state }) => list(findings.filter((finding) => !state || finding.state === state)),
  'drift.check': () => ({ queued: true }),
  'drift.dispose_many': ({ findings: ids }) => ({
    results: (ids as string[]).map((finding, place) =>
      place === 0 ? { finding, disposed: false, code: 'own_finding', message: 'this is about yourself' } : { finding, disposed: true },
    ),
  }),
  'drift.dispose': ({ disposition }) =>
    ['exception', 'baseline'].includes((disposition as { kind: string }).kind)
      ? { finding: { ...findings[2], proposal: 'prop_4' }, proposal: proposals[3] }
      : { finding: findings[5], proposal: null },
  'connectors.list': () => list(connectors),
  'connectors.get': ({ connector }) => known(String(connector)),
  'connectors.put': () => ({ connector: connectors[0] }),
  'connectors.test': ({ connector }) => ({ connector: known(String(connector))?.connector, steps, next_key: null }),
  'connectors.disable': ({ connector }) => known(String(connector)),
  'connectors.enable': ({ connector }) => known(String(connector)),
  'connectors.rotate_key': () => ({ connector: connectors[0] }),
  'provider_groups.list': ({ connector }) => list(bindings.filter((binding) => !connector || binding.connector.id === connector)),
  'provider_groups.get': ({ tool }) => ({ binding: bindings.find((binding) => binding.tool.id === tool) ?? null }),
  'provider_groups.find': () => ({
    groups: [{ id: checked.group!.id, name: checked.group!.name, description: checked.group!.description }],
  }),
  'provider_groups.check': () => checked,
  'provider_groups.bind': () => ({ binding: null, proposal: proposals[0] }),
  'provider_groups.create': () => ({ binding: bindings[1] }),
  'provider_groups.release': () => ({}),
  'provider_groups.release_hold': () => ({ binding: bindings[0] }),
  'proposals.list': () => list(proposals),
  'proposals.confirm': () => ({ proposal: { ...proposals[0], state: 'confirmed' } }),
  'proposals.withdraw': () => ({ proposal: { ...proposals[0], state: 'withdrawn' } }),
  'identities.list': ({ person }) => list(identities.filter((identity) => !person || identity.person.id === person)),
  'identities.look_up': () => ({ display_name: 'Ben Okafor', sign_in_name: 'ben@acme.example', status: 'suspended' }),
  'identities.put': () => ({ identity: identities[0], proposal: null }),
  'identities.remove': () => ({}),
  'identities.import': ({ rows, digest }) => {
    const answer = importOf(rows as { person: string; account: string }[]);
    const applied = digest ? answer.filter(({ change }) => change === 'add' || change === 'change').length : 0;
    return { rows: answer, digest: '9f'.repeat(32), applied, proposals: 0 };
  },
  'jobs.attest': () => ({ job: jobs[0] }),
  'audit.entries': (input) => listEntries(input),
  'audit.checkpoint': () => latest,
  'audit.checkpoints': () => list(checkpoints),
  'audit.proof': (input) => proof(input as Parameters<typeof proof>[0]),
  'audit.rotate_key': () => ({ key: latest.verifier_keys[0] }),
  'audit.receipt': ({ request }) => ({
    receipts: [{ index: 96, at: at(-1), kind: 'request.submitted', tlog_proof: `c2sp.org/tlog-proof@v1\nindex 96\n${String(request)}\n` }],
    verifier_keys: verifierKeys,
  }),
  'evidence.export': ({ scope }) => ({ export: exportOf(Object.keys(scope as object)[0]!) }),
  'requests.export': () => ({ export: exportOf('requests') }),
  'issues.get': ({ issue }) => issues.find((each) => each.issue === issue) ?? new Refused(404, 'not_found', 'no such issue'),
  'issues.waiting': () => list(waiting),
  'intake.draft': () => draft,
  'intake.confirm': () => ({ request: requests[0] }),
  'core.standing': () => ({ standing: 'not_paired' }),
  'core.pair': () => ({ installation: 'installation_1' }),
  'insights.summary': () => summary,
  'insights.series': () => series,
  'insights.forecast': () => forecast,
  'insights.export': ({ table }) => ({ name: `${String(table)}-2026-11-23.csv`, rows: 3, csv: '"tool"\r\n' }),
  'inbox.list': ({ unread }) => list(inbox.filter((item) => !unread || !item.read)),
  'inbox.unread': () => ({ count: inbox.filter((item) => !item.read).length, more: false }),
  'inbox.mark_read': ({ items }) => ({ marked: (items as string[]).length }),
  'notices.preferences': () => preferences,
  'notices.put_preference': () => preferences,
  'audit.verify': () => ({ ok: true, verified: 121, size: 121, root: '5e0c'.repeat(16) }),
};

/** The company's administrator is signed in. `over` replaces the answers of some operations. */
export function mockApi(over: Record<string, (input: Record<string, unknown>) => unknown | Promise<unknown>> = {}): Api {
  return {
    async answer(path, _method, body): Promise<Answer> {
      if (path === '/session') {
        const person = { ...ada, email: 'ada@example.com', role: 'administrator' };
        return {
          status: 200,
          body: { person, time_zone: 'Europe/Berlin', oidc: { name: 'Example SSO' }, may: { administer: true, approve: true } },
        };
      }
      if (path.startsWith('/session/')) return { status: 204 };
      const name = path.replace('/api/v1/', '');
      const operation = over[name] ?? operations[name];
      const output = await operation?.(body as Record<string, unknown>);
      if (output instanceof Refused)
        return { status: output.status, body: { error: { code: output.code, message: output.message, details: output.details } } };
      if (output === undefined)
        return { status: 404, body: { error: { code: 'not_found', message: `nothing answers ${name}`, details: {} } } };
      return { status: 200, body: output };
    },
  };
}

/** What an operation of {@link mockApi} returns to refuse. */
export class Refused {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly message: string,
    readonly details: object = {},
  ) {}
}
