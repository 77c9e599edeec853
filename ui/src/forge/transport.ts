import { isRecord, OperationError, unreachable } from '../api/errors';
import type { Transport } from '../api/transport';
import { bridge } from './bridge';

/**
 * Operations through Jira. The app's function answers with a value in each case, so that codes survive: `ok`, `refused` with code, message
 * and details, or `failed`. What the bridge itself throws is silence: the call may have arrived.
 */
export const bridgeTransport: Transport = {
  async call(operation, input, idempotencyKey) {
    const { invoke } = await bridge();
    const payload = { operation, input, ...(idempotencyKey ? { idempotency_key: idempotencyKey } : {}) };
    const answer: unknown = await invoke('operation', payload).catch(() => {
      throw unreachable();
    });
    return outputOf(answer);
  },
};

export function outputOf(answer: unknown): unknown {
  if (isRecord(answer)) {
    if ('ok' in answer) return answer.ok;
    if (isRecord(answer.refused) && typeof answer.refused.code === 'string') {
      const { code, message, details } = answer.refused;
      throw new OperationError(code, typeof message === 'string' ? message : '', refusedStatus, details ?? null);
    }
    if (isRecord(answer.failed) && answer.failed.code === 'unavailable') throw new OperationError('unavailable', '', 503);
  }
  throw new OperationError('internal', '', 500);
}

/** Over HTTP a refusal has one of several; pages look at its code. */
const refusedStatus = 409;
