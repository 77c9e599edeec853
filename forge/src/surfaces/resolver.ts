// The surfaces' functions: what a browser may reach. Each is a trust boundary of its own, with a closed list of operations made from the
// Rust table at build time. Who calls comes from the platform; of what the browser sent only operation, input and key are looked at.
import Resolver, { type Request } from '@forge/resolver';

import { wake } from '../clockwork/queue';
import { OPERATIONS } from '../generated/declarations';
import { isAdministrator, isAuditor } from '../jira/permissions';
import type { Caller, Surface, Told } from '../operation/protocol';
import { run } from '../operation/run';
import { report } from '../report';
import { isAppLicensed } from './license';

/** The functions of the manifest that browsers reach. */
export type Boundary = 'admin' | 'app' | 'portal';

export type Answer = { ok: unknown } | { refused: Told } | { failed: { code: string } };

/** Bytes of an input as JSON. The platform takes 500 KB of the whole call. */
const MAX_INPUT_BYTES = 400 * 1024;
const MAX_KEY = 200;

interface Call {
  operation: string;
  input: object;
  key?: string;
}

export const resolver = (boundary: Boundary): ReturnType<Resolver['getDefinitions']> =>
  new Resolver().define('operation', (request) => answer(boundary, request)).getDefinitions();

async function answer(boundary: Boundary, { payload, context }: Request): Promise<Answer> {
  const surface = surfaceOf(boundary, context['moduleKey']);
  const call = read(boundary, surface, payload);
  if ('refused' in call) return call;
  if (OPERATIONS.new_requests.includes(call.operation) && !isAppLicensed(context['license'])) {
    return refuse(surface, call.operation, { code: 'app_unlicensed', message: 'The licence of AI Clearance has ended: nothing new can be asked for.' });
  }
  const caller = await callerOf(boundary, surface, call.operation, context);
  if (caller === undefined) {
    return refuse(surface, call.operation, { code: 'forbidden', message: 'Only Jira administrators may do this.' });
  }
  const outcome = await run(call.operation, caller, call.input, call.key);
  if ('refused' in outcome) report('call_refused', { surface, operation: call.operation, code: outcome.refused.code });
  if (!('ok' in outcome)) return outcome;
  await wake(outcome.wake);
  return { ok: outcome.ok };
}

/** What the browser asks for, if it is a call at all and this boundary lets it through. */
function read(boundary: Boundary, surface: Surface, payload: unknown): Call | { refused: Told } {
  const { operation, input = {}, idempotency_key: key } = (payload ?? {}) as Record<string, unknown>;
  if (typeof operation !== 'string' || typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse(surface, undefined, { code: 'malformed', message: 'This is not a call of an operation.' });
  }
  if (!OPERATIONS[boundary].includes(operation)) {
    const known = OPERATIONS.admin.includes(operation) ? operation : undefined;
    return refuse(surface, known, { code: 'unknown_operation', message: 'There is no such operation here.' });
  }
  if (Buffer.byteLength(JSON.stringify(input)) > MAX_INPUT_BYTES) {
    return refuse(surface, operation, { code: 'too_large', message: `An input may have ${MAX_INPUT_BYTES} bytes.` });
  }
  if (key !== undefined && (typeof key !== 'string' || key.length > MAX_KEY)) {
    return refuse(surface, operation, { code: 'malformed', message: 'This is not an idempotency key.' });
  }
  return { operation, input, ...(key === undefined ? {} : { key }) };
}

/** Who calls, by the platform's word; nothing when this boundary is not for them. */
async function callerOf(boundary: Boundary, surface: Surface, operation: string, context: Request['context']): Promise<Caller | undefined> {
  const { accountId, accountType } = context as { accountId?: string; accountType?: string };
  if (accountId === undefined) return 'anonymous';
  // The platform shows these surfaces to licensed users only, and says so where it lets others in.
  const licensed = boundary !== 'portal' && (accountType ?? 'licensed') === 'licensed';
  const issue = issueOf(context);
  const account = { id: accountId, surface, licensed, ...(issue === undefined ? {} : { issue }) };
  switch (boundary) {
    case 'admin':
      return (await isAdministrator()) ? { account: { ...account, administrator: true, auditor: false } } : undefined;
    case 'app': {
      const auditor = OPERATIONS.auditor.includes(operation) && (await isAuditor());
      return { account: { ...account, administrator: false, auditor } };
    }
    case 'portal':
      return { account: { ...account, administrator: false, auditor: false } };
  }
}

/** The issue around a panel. The platform puts it into the context after it has checked that the account may see it. */
function issueOf(context: Request['context']): string | undefined {
  const { issue } = (context['extension'] ?? {}) as { issue?: { id?: unknown } };
  return typeof issue?.id === 'string' && /^\d{1,20}$/.test(issue.id) ? issue.id : undefined;
}

/** Which of the surfaces that share a function: for what they are shown, never for what they may. */
function surfaceOf(boundary: Boundary, moduleKey: unknown): Surface {
  return boundary === 'app' && (moduleKey === 'issue' || moduleKey === 'queue') ? moduleKey : boundary;
}

function refuse(surface: Surface, operation: string | undefined, refused: Told): { refused: Told } {
  report('call_refused', { surface, ...(operation === undefined ? {} : { operation }), code: refused.code });
  return { refused };
}
