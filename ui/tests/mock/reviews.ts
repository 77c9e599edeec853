/** Reviews of the small company's access. */
import type { ReviewFacts, ReviewView } from '../../src/api/types.ts';
import { ada, at, ben, chloe, grants, named } from './company.ts';

const chat = named('tool_chat', 'ChatGPT Business');

function review(id: string, over: Partial<ReviewView>): ReviewView {
  return {
    id,
    state: 'open',
    cause: 'ending',
    grant: 'grant_1',
    person: ben,
    tool: chat,
    opened_at: at(-3),
    ends_at: at(11),
    reviewer: 'Tool owners',
    rests_until: null,
    postponed: 0,
    postponements_left: 1,
    decision: null,
    closed_at: null,
    void_because: null,
    may_decide: true,
    may_postpone: true,
    ...over,
  };
}

export const reviews: ReviewView[] = [
  review('review_1', { on_behalf_of: ada }),
  review('review_2', {
    state: 'postponed',
    cause: 'risk_raised',
    person: chloe,
    rests_until: at(4),
    postponed: 1,
    postponements_left: 0,
    may_postpone: false,
  }),
  review('review_3', {
    state: 'decided',
    decision: {
      kind: 'renew',
      by: ada,
      on_behalf_of: chloe,
      at: at(-1),
      reason: 'The project goes on until March.',
      days: 30,
      renewal: { kind: 'asked', request: 'req_1' },
      proposal: null,
    },
    may_decide: false,
    may_postpone: false,
  }),
  review('review_4', { state: 'undecided', closed_at: at(-2), ends_at: at(-2), may_decide: false, may_postpone: false }),
  review('review_5', { state: 'void', closed_at: at(-2), void_because: 'extended', may_decide: false, may_postpone: false }),
];

export const factsOf = (of: ReviewView): ReviewFacts => ({
  grant: { ...grants[0]!, person: of.person, tool: of.tool },
  age_days: 79,
  purpose: 'Drafting answers to questions of customers, without their data.',
  data_classes: ['internal', 'confidential'],
  data_classes_not_allowed: of.cause === 'risk_raised' ? ['confidential'] : [],
  risk_then: 'low',
  risk_now: of.cause === 'risk_raised' ? 'medium' : 'low',
  policy_version: 3,
  usage_policy_accepted: of.cause !== 'risk_raised',
  extensions: [{ at: at(-20), days: 30 }],
  drift: [{ finding: 'find_1', kind: 'observed_without_approval', first_seen_at: at(-40), open: false }],
});
