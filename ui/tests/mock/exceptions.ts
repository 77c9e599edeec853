/** What the small company lets deviate from its policy. */
import type { ExceptionView } from '../../src/api/types.ts';
import { ada, at, ben, chloe, named } from './company.ts';

const chat = named('tool_chat', 'ChatGPT Business');

function exception(over: Partial<ExceptionView>): ExceptionView {
  return {
    kind: 'person',
    exception: 'exc_1',
    finding: null,
    state: 'in_force',
    person: ben,
    tool: chat,
    owner: chloe,
    reason: 'The pilot of the customer desk, until the new contract is signed.',
    made_by: ada,
    made_at: at(-10),
    confirmed_by: { kind: 'console' },
    ends_at: at(20),
    ended_at: null,
    ended_because: null,
    proposal: null,
    may_end: true,
    ...over,
  };
}

export const exceptions: ExceptionView[] = [
  exception({}),
  exception({ kind: 'baseline', exception: null, finding: 'find_3', person: null, confirmed_by: null, ends_at: at(60) }),
  exception({ exception: 'exc_2', state: 'proposed', confirmed_by: null, proposal: 'prop_3', may_end: false }),
  exception({ exception: 'exc_3', state: 'over', ended_at: at(-2), ended_because: 'owner_left', may_end: false }),
];
