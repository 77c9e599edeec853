// One operation from start to settled: effects go out together, their answers go back in, until the module says how it ended.
import { randomBytes } from 'node:crypto';

import { getAppContext } from '@forge/api';

import { CORE } from '../generated/declarations';
import { report } from '../report';
import { Commits } from '../storage/commit';
import { perform } from './effects';
import { Instance } from './instance';
import type { Caller, Progress, Told } from './protocol';

export type Outcome =
  /** `wake`: host operations for which this one has made work. */
  | { ok: unknown; wake: readonly string[] }
  | { refused: Told }
  /** `unavailable`: trying again may help. `internal`: a trap or a defect, and the log says which. */
  | { failed: { code: 'unavailable' | 'internal' } };

/** Milliseconds before the platform's end of an invocation when long work begins nothing new: a fifteenth of it, and no less than this. */
const MARGIN = 7_000;

export async function run(operation: string, caller: Caller, input: unknown, key?: string): Promise<Outcome> {
  let progress: Progress;
  try {
    const instance = new Instance();
    const commits = new Commits();
    const remaining = getAppContext().invocationRemainingTimeInMillis();
    progress = instance.start({
      operation,
      caller,
      input,
      ...(key === undefined ? {} : { idempotency_key: key }),
      now: new Date().toISOString(),
      until: new Date(Date.now() + remaining - Math.max(MARGIN, remaining / 15)).toISOString(),
      seed: randomBytes(32).toString('hex'),
      ...(CORE === null ? {} : { core: CORE }),
    });
    while ('effects' in progress) progress = instance.resume(await perform(progress.effects, commits));
  } catch (error) {
    // A trap, or a defect of the glue. The instance goes with this call; the next one has its own.
    report('run_failed', { operation, code: 'internal', cause: `${(error as Error).name}: ${(error as Error).message}` });
    return { failed: { code: 'internal' } };
  }
  if ('done' in progress) return { ok: progress.done, wake: progress.wake ?? [] };
  if ('refused' in progress) return { refused: progress.refused };
  const code = progress.failed.error.code === 'unavailable' ? 'unavailable' : 'internal';
  report('run_failed', { operation, code, cause: progress.failed.cause });
  return { failed: { code } };
}
