// Work that needs no person: pushed as events, done by consumers that may take fifteen minutes, delivered at least once and in any order.
// Each run compares what should be with what is, so a lost or doubled event harms nothing.
import { randomUUID } from 'node:crypto';

import { Queue } from '@forge/events';

import { report } from '../report';

/** Every host operation that is pushed, and the queue whose consumer does it. */
export const QUEUE_OF = {
  'site.initialize': 'clockwork',
  'clockwork.run': 'clockwork',
  'people.report_accounts': 'clockwork',
  'notices.send': 'notices',
  'provisioning.run': 'provisioning',
  'drift.run': 'drift',
  'exports.make': 'exports',
  'log.pack': 'log',
  'log.verify': 'log',
} as const;

export type HostOperation = keyof typeof QUEUE_OF;

/** The platform delays an event no longer. */
export const MAX_DELAY_SECONDS = 900;

/** What an event carries. The key is ours: the platform's job id is new with every push, and the same event may come twice. */
export interface Work extends Record<string, unknown> {
  operation: HostOperation;
  key: string;
}

export async function push(operation: HostOperation, delayInSeconds = 0): Promise<void> {
  const body: Work = { operation, key: randomUUID() };
  const delay = Math.min(Math.max(0, Math.ceil(delayInSeconds)), MAX_DELAY_SECONDS);
  await new Queue<Work>({ key: QUEUE_OF[operation] }).push({ body, ...(delay > 0 ? { delayInSeconds: delay } : {}) });
}

/**
 * Host operations for which a run has made work, now. The five-minute schedule finds the same work, so a push that fails costs time only,
 * and never the answer of the operation that did it.
 */
export async function wake(operations: readonly string[]): Promise<void> {
  await Promise.all(
    operations.map(async (operation) => {
      try {
        if (isHostOperation(operation)) await push(operation);
      } catch (error) {
        report('queue_unavailable', { operation, cause: (error as Error).message });
      }
    }),
  );
}

export const isHostOperation = (name: string): name is HostOperation => Object.hasOwn(QUEUE_OF, name);
