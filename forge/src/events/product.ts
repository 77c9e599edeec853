// What Jira tells the app. Events come up to minutes late, in any order and more than once, and what they carry may be old: what matters is
// read from Jira, as the app.
import { InvocationError, InvocationErrorCode } from '@forge/events';

import { wake } from '../clockwork/queue';
import { readFields } from '../jira/issue';
import { EffectFailure } from '../operation/protocol';
import { run } from '../operation/run';
import { report } from '../report';

interface IssueEvent {
  eventType: string;
  issue?: { id?: string | number };
  changelog?: { items?: { field?: string; fieldId?: string }[] };
}

interface UserEvent {
  eventType: string;
  accountId?: string;
  user?: { accountId?: string };
}

type Handled = InvocationError | undefined;

/** Seconds after which the platform brings an event again. */
const RETRY_AFTER = 60;
/** Fields whose change can concern a request. */
const WATCHED = ['status', 'resolution'];

export async function onIssue(event: IssueEvent): Promise<Handled> {
  const id = event.issue?.id;
  if (id === undefined) return ignored();
  const issue = String(id);
  try {
    switch (event.eventType) {
      case 'avi:jira:created:issue':
        return await issueCreated(issue);
      case 'avi:jira:updated:issue': {
        const items = event.changelog?.items;
        if (items && !items.some(({ field, fieldId }) => WATCHED.includes(fieldId ?? field ?? ''))) return undefined;
        return await issueUpdated(issue);
      }
      case 'avi:jira:deleted:issue':
        return await tell('intake.issue_deleted', { issue });
      default:
        return ignored();
    }
  } catch (error) {
    if (!(error instanceof EffectFailure)) throw error;
    report('effect_failed', { operation: event.eventType, code: error.code, cause: error.message });
    return error.code === 'unavailable' ? again(error.retryAfterSeconds) : undefined;
  }
}

async function issueCreated(issue: string): Promise<Handled> {
  const { found, reporter, creator, property } = await readFields(issue);
  // Without the portal panel's property it is an issue like any other.
  if (!found || property === undefined) return undefined;
  return tell('intake.issue_created', { issue, reporter, creator, property: draftOf(property) });
}

/** The property's two fields, if they are texts: anybody who may edit the issue can write there. */
function draftOf(property: unknown): { draft: string; hash: string } | undefined {
  const { draft, hash } = (property ?? {}) as Record<string, unknown>;
  return typeof draft === 'string' && typeof hash === 'string' && draft.length <= 64 && hash.length <= 64 ? { draft, hash } : undefined;
}

async function issueUpdated(issue: string): Promise<Handled> {
  const { found, status_category } = await readFields(issue);
  if (!found) return undefined;
  return tell('intake.issue_updated', { issue, status_category, resolved: status_category === 'done' });
}

export async function onUser(event: UserEvent): Promise<Handled> {
  const account = event.user?.accountId ?? event.accountId;
  return account === undefined ? ignored() : tell('people.account_deleted', { account });
}

/** Installed or upgraded. */
export const onInstalled = (): Promise<Handled> => tell('site.initialize', {});
/** Before the app goes: access that it gave must not outlive it unseen. */
export const onUninstall = (): Promise<Handled> => tell('site.uninstalling', {});

async function tell(operation: string, input: object): Promise<Handled> {
  const outcome = await run(operation, 'system', input);
  if ('ok' in outcome) {
    await wake(outcome.wake);
    return undefined;
  }
  return 'failed' in outcome && outcome.failed.code === 'unavailable' ? again() : undefined;
}

function ignored(): undefined {
  report('event_ignored', { code: 'malformed' });
  return undefined;
}

const again = (seconds = RETRY_AFTER): InvocationError =>
  new InvocationError({ retryAfter: Math.min(seconds, 900), retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST });
