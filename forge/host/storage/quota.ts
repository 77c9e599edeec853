// The platform's allowance of storage work: requests in a second, units of 10 KB in a minute.
import type { Clock } from '../clock.ts';
import { Refusal } from '../reply.ts';

const PER_SECOND = 1_000;
const READS_PER_MINUTE = 4_000;
const WRITES_PER_MINUTE = 4_000;

/** What one installation used in the fixed minute and second that the clock is in. */
export class Quota {
  #clock: Clock;
  #second = { at: -1, calls: 0 };
  #minute = { at: -1, reads: 0, writes: 0 };
  /** The most used in any minute. */
  peak = { reads: 0, writes: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  call(): void {
    const now = this.#clock.now();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second.at) this.#second = { at: second, calls: 0 };
    this.#second.calls += 1;
    if (this.#second.calls > PER_SECOND) throw new Refusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many requests in a second', { 'retry-after': '1' });
    // What is already over is refused before it is done; a call that crosses the line is done.
    const { reads, writes } = this.#current();
    if (reads >= READS_PER_MINUTE || writes >= WRITES_PER_MINUTE) {
      const wait = String(60 - Math.floor((now % 60_000) / 1_000));
      throw new Refusal(429, 'TOO_MANY_REQUESTS', 'The units of this minute are used up', { 'retry-after': wait });
    }
  }

  units(reads: number, writes: number): void {
    const minute = this.#current();
    minute.reads += reads;
    minute.writes += writes;
    this.peak = { reads: Math.max(this.peak.reads, minute.reads), writes: Math.max(this.peak.writes, minute.writes) };
  }

  #current() {
    const at = Math.floor(this.#clock.now() / 60_000);
    if (at !== this.#minute.at) this.#minute = { at, reads: 0, writes: 0 };
    return this.#minute;
  }
}
