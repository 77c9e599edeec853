/** Versions of the small company's policy, the draft of the next one, and what is said of them. */
import type { Output } from '../../src/api/operations.ts';
import type { DraftView, ExampleView, Explanation, Mentioned, PolicyView, Rule } from '../../src/api/types.ts';
import { ada, at, ben, chloe, grants, groups, named, rule as medium } from './company.ts';

const mentioned: Mentioned = {
  tools: [named('tool_deepl', 'DeepL Pro'), named('tool_midjourney', 'Midjourney')],
  groups: [groups[2]!],
  people: [chloe],
};
const nothing: Mentioned = { tools: [], groups: [], people: [] };

const restricted: Rule = {
  id: 'rule_restricted',
  name: 'Restricted tools are not available',
  when: { risks: ['restricted'] },
  then: { kind: 'deny', reason: 'This tool is restricted; choose another one from the catalogue' },
};
const low: Rule = {
  id: 'rule_low',
  name: 'Low risk, harmless data, up to 30 days',
  when: { risks: ['low'], only_data_classes: ['public', 'internal'] },
  then: { kind: 'auto_approve', max_days: 30 },
};
const owner: Rule = {
  ...medium,
  when: { risks: ['medium'] },
  then: { kind: 'require_stages', stages: [{ name: 'Tool owner', approvers: ['tool_owners'], quorum: 'any' }] },
};
const high: Rule = {
  id: 'rule_high',
  name: 'High risk needs owner and security',
  when: { risks: ['high'] },
  then: {
    kind: 'require_stages',
    stages: [
      { name: 'Tool owner', approvers: ['tool_owners'], quorum: 'any' },
      { name: 'Security', approvers: ['security', { group: 'group_design' }], quorum: { at_least: 2 } },
    ],
  },
};
const long: Rule = {
  id: 'rule_long',
  name: 'Long access is looked at',
  when: { longer_than: 90, any_data_class: ['confidential', 'regulated'] },
  then: { kind: 'require_stages', stages: [{ name: 'Administrators', approvers: ['administrators'], quorum: 'all' }] },
};
const images: Rule = {
  id: 'rule_images',
  name: 'Pictures only for designers',
  when: { tools: ['tool_midjourney'], requester_groups: ['group_design'], tags: ['pictures'], new_tool: false },
  then: { kind: 'require_stages', stages: [{ name: 'Chloé looks', approvers: [{ person: chloe.id }], quorum: 'any' }] },
};

export const policies: PolicyView[] = [
  {
    number: 3,
    active: true,
    published_by: ada,
    published_at: at(-20),
    note: 'Security joins for high risk',
    rules: [restricted, low, owner, high, long],
    mentioned,
    rules_in_all: 5,
    difference: { added: ['rule_long'], changed: ['rule_high'], removed: ['rule_images'], reordered: false },
    wider: false,
  },
  {
    number: 2,
    active: false,
    published_by: ben,
    confirmed_by: ada,
    published_at: at(-60),
    note: 'Harmless tools without waiting',
    rules: [restricted, low, owner, { ...high, then: owner.then }, images],
    mentioned,
    rules_in_all: 5,
    difference: { added: ['rule_low', 'rule_images'], changed: [], removed: [], reordered: true },
    wider: true,
  },
  {
    number: 1,
    active: false,
    published_by: null,
    published_at: at(-90),
    note: null,
    rules: [restricted, owner, high],
    mentioned,
    rules_in_all: 3,
    wider: false,
  },
];

const longer: Rule = { ...low, name: 'Low risk, harmless data, up to 60 days', then: { kind: 'auto_approve', max_days: 60 } };
const translation: Rule = {
  id: 'rule_translation',
  name: 'Translation of internal texts',
  when: { tools: ['tool_deepl'], only_data_classes: ['public', 'internal'] },
  then: { kind: 'auto_approve', max_days: 3650 },
};

export const draft: DraftView = {
  version: 12,
  open: true,
  based_on: 3,
  active: 3,
  changed_by: ben,
  changed_at: at(-0.3),
  rules: [restricted, longer, owner, high, translation],
  mentioned,
  difference: { added: ['rule_translation'], changed: ['rule_low'], removed: ['rule_long'], reordered: false },
};

const example: ExampleView = {
  tool: named('tool_deepl', 'DeepL Pro'),
  risk: 'low',
  tags: [],
  requester_groups: [],
  data_classes: ['public', 'internal'],
  days: 45,
  days_in_all: 45,
  requester: null,
};

export const lint: Output<'policies.lint'> = {
  findings: [
    {
      code: 'auto_approval_without_cap',
      severity: 'warning',
      rule: 'rule_translation',
      rule_name: translation.name,
      stage: null,
      sentence: 'The cap is the longest duration there is: it limits nothing.',
      example: { ...example, tags: ['translation'], data_classes: ['public'], days: 1, days_in_all: 1 },
    },
    {
      code: 'quorum_too_large',
      severity: 'warning',
      rule: 'rule_high',
      rule_name: high.name,
      stage: 1,
      sentence: 'The stage `Security` wants 2 approvals, and 1 could give one when one of its own people asks: it falls to administrators.',
      example: {
        ...example,
        tool: named('tool_copilot', 'GitHub Copilot Business'),
        risk: 'high',
        tags: [],
        data_classes: ['confidential'],
        requester_groups: [groups[2]!],
        requester: ben,
      },
    },
  ],
  widening: {
    request: { ...example, tags: [], data_classes: ['public', 'internal'] },
    before: { kind: 'stages', stages: [{ name: 'Administrator approval', approvers: ['administrators'], quorum: 'any' }] },
    after: { kind: 'auto_approved', max_days: 60 },
    mentioned: nothing,
  },
};

type BackTested = Output<'policies.back_test'>;
const change = (number: number, over: Partial<BackTested['changes'][number]>): BackTested['changes'][number] => ({
  request: `req_${number}`,
  tool: named('tool_deepl', 'DeepL Pro'),
  days: 45,
  submitted_at: at(-number),
  outcome: true,
  approvers: false,
  durations: false,
  before: { kind: 'stages', stages: [{ name: 'Administrator approval', approvers: ['administrators'], quorum: 'any' }] },
  after: { kind: 'auto_approved', max_days: 60 },
  ...over,
});

/** Two parts. */
export function backTest(after: string | undefined): BackTested {
  const counts = { requests: 500, auto_approved: 210, stages: 240, denied: 50, mentioned };
  if (!after) return { ...counts, changes: [change(1, {}), change(2, {})], next: 'more' };
  const stages = [{ name: 'Security', approvers: ['security' as const, { group: 'group_design' }], quorum: { at_least: 2 } }];
  return {
    ...counts,
    requests: 84,
    changes: [
      change(3, { outcome: false, durations: true, before: { kind: 'auto_approved', max_days: 30 }, days: 20 }),
      change(4, { outcome: false, approvers: true, after: { kind: 'stages', stages }, tool: null }),
    ],
    next: null,
  };
}

/** Two parts without a difference. */
export const replay = (after: string | undefined): Output<'policies.replay'> => ({
  requests: after ? 80 : 500,
  tool_proposals: after ? 1 : 0,
  emergencies: after ? 1 : 0,
  renewals: after ? 2 : 0,
  differences: [],
  next: after ? null : 'more',
});

export const explanation: Explanation = {
  person: ada,
  tool: named('tool_chat', 'ChatGPT Business'),
  standing: 'has',
  reasons: [
    { code: 'requested', text: 'Ada Mbeki asked for ChatGPT Business for 14 days.', at: at(-4), request: 'req_3' },
    {
      code: 'rule_matched',
      text: 'By policy version 3, the rule “Medium risk needs the tool owner” matched.',
      at: at(-4),
      request: 'req_3',
    },
    { code: 'stage_approved', text: 'Ben Okafor approved the stage “Tool owner”.', at: at(-3), request: 'req_3' },
    { code: 'activated', text: 'Access began to work.', at: at(-3), request: null },
    { code: 'ends', text: 'It ends by itself unless it is extended.', at: at(11), request: null },
  ],
  grant: grants[0]!,
};
