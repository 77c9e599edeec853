// The REST interface of a Jira site: those calls that the app makes, answered as the caller may be answered.
import { type Reply, Refusal } from '../reply.ts';
import { ENDPOINTS, type Endpoint } from './scopes.ts';
import { type Account, type Issue, type JiraSite, STATUSES, TRANSITIONS } from './site.ts';

/** Who calls: the app itself, a person, or nobody. */
export type As = { app: true } | { account: Account } | { nobody: true };

/** What happened to an issue through a call, so that events follow. */
export type Happened = (issue: Issue, what: 'updated' | 'commented') => void;

interface Call {
  site: JiraSite;
  as: As;
  parts: string[];
  query: URLSearchParams;
  // What was sent, if anything.
  body: any;
  happened: Happened;
}

const APP = 'app';

/** Finds the endpoint of a call. */
export function find(method: string, path: string): { endpoint: Endpoint; parts: string[] } {
  for (const endpoint of ENDPOINTS) {
    const match = endpoint.method === method && endpoint.path.exec(path);
    if (match) return { endpoint, parts: match.slice(1).map(decodeURIComponent) };
  }
  throw new Refusal(404, 'NOT_MODELLED', `${method} ${path} is not modelled; add it to host/jira`);
}

/** Fails unless the manifest has one of the scopes, and the caller is of the sort that may call. */
export function authorize(endpoint: Endpoint, scopes: Set<string>, as: As): void {
  if (endpoint.scopes.length > 0 && !endpoint.scopes.some((scope) => scopes.has(scope))) {
    throw new Refusal(401, 'UNAUTHORIZED', 'Unauthorized; scope does not match');
  }
  if (endpoint.userOnly && !('account' in as)) throw new Refusal(403, 'FORBIDDEN', 'Only a person may do this');
}

/** Performs a call. */
export function perform(endpoint: Endpoint, call: Call): Reply {
  const handler = HANDLERS[endpoint.name];
  if (!handler) throw new Refusal(404, 'NOT_MODELLED', `${endpoint.name} is not modelled`);
  return handler(call);
}

const HANDLERS: Record<string, (call: Call) => Reply> = {
  'my permissions': ({ as, query }) => {
    const asked = (query.get('permissions') ?? '').split(',').filter(Boolean);
    return ok({ permissions: Object.fromEntries(asked.map((key) => [key, { key, havePermission: may(as, key) }])) });
  },
  'check permissions': ({ site, as, body }) => {
    const about: As = body.accountId === undefined ? as : { account: known(site, body.accountId) };
    // About somebody else only administrators and the app may ask.
    if (about !== as && 'account' in as && !as.account.administrator && as.account.accountId !== body.accountId) {
      throw new Refusal(403, 'FORBIDDEN', 'Only administrators may ask about others');
    }
    return ok({ projectPermissions: [], globalPermissions: (body.globalPermissions ?? []).filter((key: string) => may(about, key)) });
  },
  myself: ({ as }) => ok(describe(self(as))),
  user: ({ site, query }) => ok(describe(known(site, query.get('accountId') ?? ''))),
  'user groups': ({ site, query }) => ok(groups(site, known(site, query.get('accountId') ?? ''))),
  users: ({ site, query }) =>
    ok({ values: query.getAll('accountId').flatMap((id) => site.accounts.get(id) ?? []).map(describe), isLast: true }),
  'search users': ({ site, query }) => {
    const asked = (query.get('query') ?? '').toLowerCase();
    return ok([...site.accounts.values()].filter(({ displayName }) => displayName.toLowerCase().includes(asked)).map(describe));
  },
  'search groups': ({ site, query }) => {
    const asked = (query.get('query') ?? '').toLowerCase();
    const found = [...site.groups].filter(([, name]) => name.toLowerCase().includes(asked));
    return ok({ groups: found.map(([groupId, name]) => ({ groupId, name })), total: found.length });
  },
  issue: (call) => ok(describeIssue(call.site, visible(call))),
  'issue property': (call) => {
    const [, key = ''] = call.parts;
    const value = visible(call).properties.get(key);
    if (value === undefined) throw notFound('property');
    return ok({ key, value });
  },
  'set issue property': (call) => {
    const [, key = ''] = call.parts;
    const issue = visible(call);
    const made = !issue.properties.has(key);
    issue.properties.set(key, call.body);
    return { status: made ? 201 : 200 };
  },
  transitions: (call) => {
    visible(call);
    return ok({ transitions: TRANSITIONS.map(({ id, name, to }) => ({ id, name, to: describeStatus(to) })) });
  },
  transition: (call) => move(call, call.body?.transition?.id),
  'request transition': (call) => move(call, call.body?.id),
  comment: (call) => {
    const internal = (call.body?.properties ?? []).some((item: any) => item.key === 'sd.public.comment' && item.value?.internal === true);
    return comment(call, call.body?.body, internal);
  },
  'request comment': (call) => comment(call, call.body?.body, call.body?.public === false),
  projects: ({ site }) =>
    ok({ values: [...site.projects.values()].map(({ id, key, name, serviceDesk }) => ({ id, key, name, projectTypeKey: serviceDesk ? 'service_desk' : 'software' })), isLast: true }),
  statuses: () => ok(STATUSES.map(describeStatus)),
  request: (call) => {
    const issue = visible(call);
    if (!issue.serviceDesk) throw notFound('request');
    const reporter = issue.reporter === null ? undefined : call.site.accounts.get(issue.reporter);
    return ok({
      issueId: issue.id,
      issueKey: issue.key,
      reporter: reporter && describe(reporter),
      currentStatus: { status: issue.status.name, statusCategory: issue.status.category.toUpperCase() },
    });
  },
  'request approvals': (call) =>
    ok({ values: visible(call).approvals.map(({ id, name, finalDecision }) => ({ id, name, finalDecision })), isLastPage: true }),
  'answer approval': (call) => {
    const issue = visible(call);
    const approval = issue.approvals.find(({ id }) => id === call.parts[1]);
    if (!approval) throw notFound('approval');
    approval.finalDecision = call.body?.decision === 'approve' ? 'approved' : 'declined';
    call.happened(issue, 'updated');
    return ok({ id: approval.id, finalDecision: approval.finalDecision });
  },
};

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function notFound(what: string): Refusal {
  return new Refusal(404, 'NOT_FOUND', `There is no such ${what}`);
}

/** The key of a permission, also in the long form in which the platform names those of apps. */
function may(as: As, key: string): boolean {
  if ('app' in as) return key !== 'ADMINISTER';
  if ('nobody' in as || !as.account.active) return false;
  if (key === 'ADMINISTER') return as.account.administrator;
  return [...as.account.permissions].some((permission) => key === permission || key.endsWith(`/${permission}`) || key.endsWith(`__${permission}`));
}

function self(as: As): Account {
  if ('account' in as) return as.account;
  throw new Refusal(401, 'UNAUTHORIZED', 'Nobody is signed in');
}

function known(site: JiraSite, accountId: string): Account {
  const found = site.accounts.get(accountId);
  if (!found) throw notFound('user');
  return found;
}

/** An issue that the caller may see: licensed people and the app all, a customer their own. */
function visible({ site, as, parts: [idOrKey = ''] }: Call): Issue {
  const issue = site.find(idOrKey);
  const sees = issue && ('app' in as || ('account' in as && (as.account.licensed || issue.reporter === as.account.accountId)));
  if (!sees) throw notFound('issue');
  return issue;
}

function move(call: Call, id: string | undefined): Reply {
  const issue = visible(call);
  if (!call.site.transition(issue, String(id))) throw new Refusal(400, 'INVALID_TRANSITION', 'The issue has no such transition');
  call.happened(issue, 'updated');
  return { status: 204 };
}

function comment(call: Call, body: unknown, internal: boolean): Reply {
  const issue = visible(call);
  if (body === undefined) throw new Refusal(400, 'INVALID_COMMENT', 'A comment has a body');
  const author = 'account' in call.as ? call.as.account.accountId : APP;
  const made = { id: call.site.number(), author, body, internal };
  issue.comments.push(made);
  call.happened(issue, 'commented');
  return { status: 201, body: { id: made.id } };
}

function describe({ accountId, displayName, accountType, active }: Account) {
  return { accountId, displayName, accountType, active, emailAddress: '' };
}

function groups(site: JiraSite, account: Account) {
  return [...account.groups].map((groupId) => ({ groupId, name: site.groups.get(groupId) }));
}

function describeStatus({ id, name, category }: Issue['status']) {
  return { id, name, statusCategory: { key: category } };
}

/** An issue as REST calls and events describe it. */
export function describeIssue(site: JiraSite, issue: Issue) {
  const person = (id: string | null) => (id === null ? null : { accountId: id, displayName: site.accounts.get(id)?.displayName });
  const project = [...site.projects.values()].find(({ id }) => id === issue.projectId);
  return {
    id: issue.id,
    key: issue.key,
    fields: {
      summary: issue.summary,
      reporter: person(issue.reporter),
      creator: person(issue.creator),
      status: describeStatus(issue.status),
      resolution: issue.resolved ? { name: 'Done' } : null,
      project: project && { id: project.id, key: project.key, name: project.name, projectTypeKey: project.serviceDesk ? 'service_desk' : 'software' },
    },
    properties: Object.fromEntries(issue.properties),
  };
}
