/** Issues of Jira that ask for access, in each of the states that the panels show. */
import type { Item, Output } from '../../src/api/operations.ts';
import { ada, at, ben, grants, named, requests } from './company.ts';

type IssueView = Output<'issues.get'>;

const quiet: IssueView['native'] = { known: true, status_category: 'indeterminate', approvals: [], mismatch: null };

function issue(id: string, over: Partial<IssueView>): IssueView {
  const request = requests[0]!;
  return {
    issue: id,
    since: at(-0.5),
    summary: {
      tool: request.tool,
      requester: request.requester,
      state: request.state,
      days: request.days,
      access: null,
      deadline: request.deadline,
      ends_at: null,
    },
    request: null,
    grant: null,
    confirmation: null,
    who_can_act: ['Security', 'Administrators'],
    native: quiet,
    history: [
      { at: at(-1), what: 'submitted' },
      { at: at(-0.5), what: 'stage_approved' },
    ],
    ...over,
  };
}

const asked = { tool: 'tool_copilot', purpose: 'Review pull requests of the importer.', data_classes: ['internal' as const], days: 30 };

export const issues: IssueView[] = [
  issue('10001', { request: { ...requests[0]!, may_decide: false, may_cancel: true } }),
  issue('10002', {
    request: requests[0]!,
    native: {
      known: true,
      status_category: 'done',
      approvals: [{ name: 'Team lead', decision: 'approved' }],
      mismatch: 'approved_there_only',
    },
  }),
  issue('10003', {
    summary: null,
    history: [],
    who_can_act: ['Ben Okafor'],
    confirmation: { reason: { why: 'not_the_reporter' }, may_confirm: true, asked },
  }),
  issue('10004', {
    summary: { ...issue('', {}).summary!, state: 'approved', access: 'active', deadline: null, ends_at: at(11) },
    grant: grants[0]!,
    who_can_act: [],
    history: [...issue('', {}).history, { at: at(-0.2), what: 'approved' }, { at: at(-0.1), what: 'activated' }],
  }),
];

export const waiting: Item<'issues.waiting'>[] = [
  { issue: '10003', waits_for: 'confirmation', since: at(-3), requester: null, request: null, tool: null },
  { issue: '10002', waits_for: 'approval', since: at(-1), requester: ben, request: 'req_1', tool: named('tool_chat', 'ChatGPT Business') },
  { issue: '10005', waits_for: 'information', since: at(-0.2), requester: ada, request: 'req_2', tool: named('tool_deepl', 'DeepL Pro') },
];

export const draft: Output<'intake.draft'> = {
  draft: 'draft_01kb2m9x7c4d5e6f7g8h9j0k1m',
  hash: '3f'.repeat(32),
  expires_at: at(1),
  preview: { outcome: 'auto_approved', reasons: [], stages: [], matched_rules: [], extension: false },
};
