// The queues' consumers.
import { InvocationError, InvocationErrorCode, type AsyncEvent } from '@forge/events';

import { run } from '../operation/run';
import { report } from '../report';
import { isHostOperation, push, wake, type Work } from './queue';

/** Seconds after which the platform brings an event again that could not be worked on. */
const RETRY_AFTER = 60;

export async function consume(event: AsyncEvent<Work>): Promise<InvocationError | undefined> {
  const { operation, key } = event.body;
  if (!isHostOperation(operation) || typeof key !== 'string') {
    report('event_ignored', { code: 'malformed' });
    return undefined;
  }
  const outcome = await run(operation, 'system', {}, key);
  if (!('ok' in outcome)) {
    // A defect would be one again: the next scheduled run tries anew.
    const again = 'failed' in outcome && outcome.failed.code === 'unavailable';
    return again ? retry() : undefined;
  }
  await wake(outcome.wake);
  // Whoever operates the app must hear of it at once; the log itself says which entry.
  if ((outcome.ok as { sound?: unknown } | null)?.sound === false) report('log_unsound', { operation });
  const again = (outcome.ok as { again_in_seconds?: unknown } | null)?.again_in_seconds;
  if (typeof again === 'number') await push(operation, again);
  return undefined;
}

/** Returned, not thrown: only so does the platform keep to the time. */
const retry = (): InvocationError =>
  new InvocationError({ retryAfter: RETRY_AFTER, retryReason: InvocationErrorCode.FUNCTION_RETRY_REQUEST });
