/** What a check of the small company's groups found. */
import type { FindingView } from '../../src/api/types.ts';
import { ada, at, ben, chloe, named } from './company.ts';

const chat = named('tool_chat', 'ChatGPT Business');

function finding(id: string, over: Partial<FindingView>): FindingView {
  return {
    id,
    kind: 'observed_without_approval',
    tool: chat,
    person: ben,
    grant: null,
    hint: '8h9j',
    cause: null,
    initial: false,
    first_seen_at: at(-2),
    last_seen_at: at(-0.1),
    state: 'open',
    disposition: null,
    dispositions: ['removal', 'retro_request', 'exception'],
    ...over,
  };
}

export const findings: FindingView[] = [
  finding('find_1', {}),
  finding('find_2', { kind: 'approved_but_missing', person: ada, grant: 'grant_1', dispositions: ['restore', 'removal'] }),
  finding('find_3', { kind: 'unmapped', person: null, initial: true, dispositions: ['removal', 'exception', 'baseline'] }),
  finding('find_4', { kind: 'rule_managed', person: null, hint: null, cause: 'group_rule_managed', dispositions: ['exception'] }),
  finding('find_5', {
    kind: 'resurrected',
    person: chloe,
    disposition: { kind: 'removal', by: { kind: 'system' }, at: at(-0.2), reason: null, owner: null, ends_at: null, job: 'job_5' },
    dispositions: [],
  }),
  finding('find_6', {
    state: 'settled',
    disposition: {
      kind: 'exception',
      by: ada,
      at: at(-1),
      reason: 'Needs it for the audit of October.',
      owner: ben,
      ends_at: at(60),
      job: null,
    },
    dispositions: [],
  }),
];
