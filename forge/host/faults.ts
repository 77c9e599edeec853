// Faults on demand: the next calls of a name fail in a chosen way, as the platform's documentation says that they may.
import { Refusal } from './reply.ts';

/** How a call fails. `lost`: it is done, and the answer never arrives. */
export type FaultKind = 'conflict' | 'rate_limited' | 'timeout' | 'unavailable' | 'lost';

interface Fault {
  calls: string;
  kind: FaultKind;
  skip: number;
  times: number;
}

export class Faults {
  #faults: Fault[] = [];

  /** Makes calls whose name begins with `calls` fail: `times` of them, after the first `skip`. */
  add(calls: string, kind: FaultKind, { times = 1, skip = 0 }: { times?: number; skip?: number } = {}): void {
    this.#faults.push({ calls, kind, times, skip });
  }

  clear(): void {
    this.#faults = [];
  }

  /** How this call shall fail, if at all; the fault is used up by it. */
  take(name: string): FaultKind | undefined {
    const fault = this.#faults.find((candidate) => name.startsWith(candidate.calls));
    if (!fault) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.times -= 1;
    if (fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    return fault.kind;
  }
}

/** The failure as the app sees it. */
export function failure(kind: FaultKind): Error {
  switch (kind) {
    case 'conflict':
      return new Refusal(400, 'CONDITIONAL_CHECK_FAILED', 'Conditional check failed');
    case 'rate_limited':
      return new Refusal(429, 'TOO_MANY_REQUESTS', 'Too many requests', { 'retry-after': '1' });
    case 'unavailable':
      return new Refusal(503, 'SERVICE_UNAVAILABLE', 'The service is unavailable');
    case 'timeout':
    case 'lost':
      return new TypeError('fetch failed');
  }
}
