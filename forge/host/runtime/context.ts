// The invocation that code runs under. Many overlap in one process, of several tenants; each continuation belongs to one.
import { AsyncLocalStorage } from 'node:async_hooks';

import type { Clock } from '../clock.ts';
import type { Installation } from '../installation.ts';
import type { Random } from '../random.ts';

/** What kind of call to the platform, as the app's packages say it. */
export interface CallMeta {
  type: string;
  provider?: string;
  remote?: string;
  accountId?: string;
}

export interface Invocation {
  installation: Installation;
  clock: Clock;
  random: Random;
  /** Account of the person who called, if one did. */
  principal?: string;
  /** The queue event's generation; 0 for other calls. */
  generation: number;
  /** What `global.__forge_runtime__` is. */
  runtime: Record<string, unknown>;
  fetch(meta: CallMeta, path: string, init: RequestInit): Promise<Response>;
  log(level: string, text: string): void;
  /** Traps the WebAssembly module at its next resumption. */
  trap?: boolean;
}

const invocations = new AsyncLocalStorage<Invocation>();

export function current(): Invocation | undefined {
  return invocations.getStore();
}

export function under<Result>(invocation: Invocation, work: () => Promise<Result>): Promise<Result> {
  return invocations.run(invocation, work);
}

/** Installs the two globals that every `@forge/*` package reaches the platform through. */
export function installGlobals(): void {
  Object.defineProperty(globalThis, '__forge_runtime__', { configurable: true, get: () => current()?.runtime });
  Object.defineProperty(globalThis, '__forge_fetch__', {
    configurable: true,
    value: (meta: CallMeta, path: string, init: RequestInit = {}) => {
      const invocation = current();
      if (!invocation) throw new Error('a call to the platform outside an invocation');
      return invocation.fetch(meta, path, init);
    },
  });
}
