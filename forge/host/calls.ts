// The platform's side of the app's calls: each goes to the service that its meta names, is counted, may fail on demand, and is answered.
import type { Clock } from './clock.ts';
import { failure } from './faults.ts';
import type { Installation } from './installation.ts';
import * as jira from './jira/routes.ts';
import type { Manifest } from './manifest.ts';
import { callRemote, type RemoteTarget, type TokenClaims, type TokenSigner } from './remote.ts';
import { Refusal, type Reply, toResponse } from './reply.ts';
import type { CallMeta } from './runtime/context.ts';

/** Who answers what the app fetches. */
export interface Outside {
  /** Answers remotes, by key. */
  remotes: Map<string, RemoteTarget>;
  /** Answers allowed egress; without it the network is unreachable. */
  egress?: (request: Request) => Promise<Response> | Response;
}

/** One call with all that it is decided by. */
export interface AppCall {
  manifest: Manifest;
  installation: Installation;
  clock: Clock;
  signer: TokenSigner;
  outside: Outside;
  claims: TokenClaims;
  generation: number;
  principal?: string;
  meta: CallMeta;
  path: string;
  init: RequestInit;
}

const MAX_ACCOUNTS = 90;

/** Performs a call of the app. What the platform refuses is a response; what never arrives is thrown, as `fetch` throws it. */
export async function perform(call: AppCall): Promise<Response> {
  const { installation } = call;
  try {
    const name = nameOf(call);
    installation.counters.call(name);
    const fault = installation.faults.take(name);
    if (fault && fault !== 'lost') throw failure(fault);
    const response = await dispatch(call);
    if (fault === 'lost') throw failure(fault);
    return response;
  } catch (error) {
    if (error instanceof Refusal) return toResponse(error.reply());
    throw error;
  }
}

/** What a call is counted under, and what faults name: `kvs/…`, `jira/…`, `queue/…`, `remote/…`, `egress/…`. */
function nameOf({ meta, path, init }: AppCall): string {
  switch (meta.type) {
    case 'kvs':
      return `kvs/${path.replace('/api/v1/', '')}`;
    case 'frc':
      return `remote/${meta.remote}`;
    case 'egress':
      return `egress/${new URL(path).host}`;
    default: {
      if (meta.remote === 'stargate') return queueAction(path) ? `queue/${queueAction(path)}` : `atlassian${path}`;
      return `jira/${jira.find(init.method ?? 'GET', path.split('?')[0] ?? '').endpoint.name}`;
    }
  }
}

function queueAction(path: string): string | undefined {
  return /^\/webhook\/queue\/(publish|stats|cancel)\//.exec(path)?.[1];
}

async function dispatch(call: AppCall): Promise<Response> {
  const { meta, path, init, installation, manifest } = call;
  const json = () => (typeof init.body === 'string' ? JSON.parse(init.body) : undefined);
  switch (meta.type) {
    case 'kvs': {
      scoped(manifest, 'storage:app');
      const answer = installation.storage.perform(path.replace('/api/v1/', ''), json());
      return toResponse({ status: answer === undefined ? 204 : 200, body: answer });
    }
    case 'frc':
      return remote(call);
    case 'egress':
      return egress(call);
    case 'fpp':
      return toResponse(meta.remote === 'stargate' ? atlassian(call, json()) : product(call, json()));
    default:
      throw new Refusal(501, 'NOT_MODELLED', `calls of type ${meta.type} are not modelled`);
  }
}

function scoped(manifest: Manifest, scope: string): void {
  if (!manifest.scopes.has(scope)) throw new Refusal(403, 'FORBIDDEN', `The manifest lacks the scope ${scope}`);
}

function atlassian({ path, installation, generation, manifest }: AppCall, body: any): Reply {
  const action = queueAction(path);
  if (action) return installation.queues.perform(action, body, generation);
  if (path === '/app/report-accounts') {
    scoped(manifest, 'report:personal-data');
    const { accounts } = body as { accounts: { accountId: string; updatedAt: string }[] };
    if (accounts.length > MAX_ACCOUNTS) throw new Refusal(400, 'TOO_MANY', `At most ${MAX_ACCOUNTS} accounts`);
    installation.jira.reports.push(accounts);
    const closed = accounts.filter(({ accountId }) => installation.jira.closedAccounts.has(accountId));
    if (closed.length === 0) return { status: 204 };
    return { status: 200, body: { accounts: closed.map(({ accountId }) => ({ accountId, status: 'closed' })) } };
  }
  throw new Refusal(501, 'NOT_MODELLED', `${path} is not modelled`);
}

function product({ meta, path, init, installation, manifest, principal, clock }: AppCall, body: unknown): Reply {
  const [pathname = '', query = ''] = path.split('?');
  const { endpoint, parts } = jira.find(init.method ?? 'GET', pathname);
  const as = caller(installation, meta, principal);
  jira.authorize(endpoint, manifest.scopes, as);
  const site = installation.jira;
  const happened: jira.Happened = (issue, what) => {
    const event = what === 'commented' ? 'avi:jira:commented:issue' : 'avi:jira:updated:issue';
    tell(installation, event, { issue: jira.describeIssue(site, issue) }, 'app' in as, clock.now());
  };
  return jira.perform(endpoint, { site, as, parts, query: new URLSearchParams(query), body, happened });
}

/** A product event is on its way to the app's triggers. */
export function tell(installation: Installation, event: string, payload: Record<string, unknown>, own: boolean, now: number): void {
  const told = { event, payload: { eventType: event, ...payload }, due: now + installation.eventDelay, own, attempt: 0 };
  installation.events.push(told);
  if (installation.duplicateEvents) installation.events.push({ ...told });
}

function caller(installation: Installation, meta: CallMeta, principal: string | undefined): jira.As {
  if (meta.provider === 'app') return { app: true };
  // `asUser` with an account is for offline impersonation, which needs scopes of its own; the app has none.
  if (meta.accountId !== undefined && meta.accountId !== principal) throw new Refusal(403, 'FORBIDDEN', 'The app may not act as another account');
  const account = principal === undefined ? undefined : installation.jira.accounts.get(principal);
  if (meta.provider === 'user' && account === undefined) {
    throw new Refusal(401, 'NEEDS_AUTHENTICATION', 'Nobody is signed in', { 'forge-proxy-error': 'NEEDS_AUTHENTICATION_ERR' });
  }
  return account ? { account } : { nobody: true };
}

async function remote({ meta, path, init, manifest, signer, claims, outside }: AppCall): Promise<Response> {
  const key = meta.remote ?? '';
  const remote = manifest.remotes.get(key);
  if (!remote) return toResponse({ status: 400, body: {}, headers: { 'forge-proxy-error': 'INVALID_REMOTE' } });
  const target = outside.remotes.get(key);
  if (!target) throw new TypeError('fetch failed');
  return callRemote(target, remote.baseUrl, path, init, signer.token(claims));
}

async function egress({ path, init, manifest, outside }: AppCall): Promise<Response> {
  const host = new URL(path).host;
  const allowed = manifest.egress.some((address) => {
    const url = manifest.remotes.get(address)?.baseUrl ?? address;
    const pattern = new URL(url.includes('://') ? url : `https://${url}`).host;
    return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
  });
  if (!allowed) return toResponse({ status: 403, body: {}, headers: { 'forge-proxy-error': 'BLOCKED_EGRESS' } });
  if (!outside.egress) throw new TypeError('fetch failed');
  return outside.egress(new Request(path, init));
}
