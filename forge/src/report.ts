// What the app says to the platform's log: one JSON line of named fields each, none of which is ever an input, an answer, a token or a
// person. An unknown operation's name is a text from outside, so it is not repeated either.
import { getAppContext } from '@forge/api';

/** Fields that a line may have. */
export interface Facts {
  surface?: string;
  operation?: string;
  code?: string;
  /** What this program or the platform said, for whoever operates the app; never what a person typed. */
  cause?: string;
  attempts?: number;
  count?: number;
}

export type Event =
  | 'call_refused'
  | 'call_failed'
  | 'run_failed'
  | 'event_ignored'
  | 'effect_failed'
  | 'queue_unavailable'
  | 'log_unsound'
  | 'blanks_removed';

/** The longest cause written: enough to find the place, too short to carry a document. */
const LONGEST_CAUSE = 300;

export function report(event: Event, facts: Facts): void {
  const { invocationId } = getAppContext();
  const cause = facts.cause === undefined ? undefined : facts.cause.slice(0, LONGEST_CAUSE);
  console.log(JSON.stringify({ event, invocation: invocationId, ...facts, cause }));
}
