/** Jobs of the small company, and what was tried for one of them. */
import type { Output } from '../../src/api/operations.ts';
import type { AttemptView, JobView } from '../../src/api/types.ts';
import { ada, at, ben, chloe, named } from './company.ts';
import { acme, contoso } from './directory.ts';

const copilot = named('tool_copilot', 'GitHub Copilot Business');
const chat = named('tool_chat', 'ChatGPT Business');

function job(id: string, over: Partial<JobView>): JobView {
  return {
    id,
    task: 'provision',
    kind: 'connected',
    state: 'queued',
    grant: 'grant_2',
    person: ada,
    tool: chat,
    connector: acme,
    assignee: null,
    queued_at: at(-1),
    due_at: at(-1),
    second_look_at: null,
    attempts: 0,
    reason: null,
    what_to_do: null,
    held: false,
    stuck_since: null,
    alarm: null,
    lane: 'interactive',
    may_attest: false,
    may_retry: false,
    may_cancel: false,
    ...over,
  };
}

export const jobs: JobView[] = [
  job('job_1', { kind: 'manual', tool: copilot, connector: null, assignee: ben, due_at: null, may_attest: true }),
  job('job_2', {
    kind: 'manual',
    task: 'deprovision',
    grant: 'grant_3',
    person: chloe,
    tool: named('tool_deepl', 'DeepL Pro'),
    connector: null,
    due_at: null,
    queued_at: at(-2),
  }),
  job('job_3', {
    state: 'needs_follow_up',
    person: ben,
    attempts: 1,
    reason: 'no_identity',
    what_to_do: 'Map the person to their account at the provider, then retry.',
    may_attest: true,
    may_retry: true,
    may_cancel: true,
  }),
  job('job_4', {
    task: 'deprovision',
    state: 'waiting_retry',
    lane: 'sweep',
    connector: contoso,
    tool: copilot,
    attempts: 23,
    reason: 'provider_unavailable',
    due_at: at(0.01),
    may_retry: true,
  }),
  job('job_5', { task: 'deprovision', lane: 'sweep', held: true, person: chloe, queued_at: at(-3), stuck_since: at(-2), alarm: 'day' }),
  job('job_6', { task: 'deprovision', state: 'succeeded', person: chloe, attempts: 1, due_at: null, second_look_at: at(0.1) }),
];

export const alarm: Output<'jobs.alarm'>['alarm'] = {
  level: 'day',
  since: at(-2),
  removals: { count: 1, more: false },
  told: 3,
  told_at: at(-0.2),
};

const attempt = (hours: number, over: Partial<AttemptView>): AttemptView => ({
  started_at: at(-hours / 24),
  ended_at: at(-hours / 24 + 0.0001),
  outcome: 'retry_after',
  reason: 'provider_unavailable',
  what_to_do: null,
  provider_request_ids: ['Zr3kq1h7QJx2mW8v'],
  ...over,
});

export const attempts: AttemptView[] = [
  attempt(3, { reason: 'rate_limited' }),
  attempt(2, {}),
  attempt(1, { outcome: 'needs_follow_up', reason: 'identity_gone', what_to_do: 'Map the person to the account they have now.' }),
];
