import Lozenge, { type ThemeAppearance } from '@atlaskit/lozenge';
import type { GrantView } from '../api/types';
import { t } from '../messages';

type State = keyof typeof t.access.states;

const colours: Record<State, ThemeAppearance> = {
  awaiting_provisioning: 'inprogress',
  active: 'success',
  removing: 'moved',
  ended: 'default',
  needs_follow_up: 'removed',
};

/** Where access stands; ended access says why it ended. */
export function GrantStateLozenge({ grant }: { grant: Pick<GrantView, 'state' | 'end_reason'> }) {
  const state = grant.state as State;
  const words = state === 'ended' && grant.end_reason ? endReason(grant.end_reason) : (t.access.states[state] ?? grant.state);
  return <Lozenge appearance={colours[state] ?? 'default'}>{words}</Lozenge>;
}

export function endReason(reason: string): string {
  return (t.access.endReasons as Record<string, string | undefined>)[reason] ?? reason;
}
