// The platform's time. Tests use one that stands still until somebody moves it; the app that runs for looking at uses the real one.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Lets so much time pass. */
  sleep(milliseconds: number): Promise<void>;
}

/** Time that passes only when it is told to. Whoever sleeps moves it. */
export class VirtualClock implements Clock {
  #now: number;

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  /** Moves it forward; never backward. */
  set(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number): Promise<void> {
    this.pass(milliseconds);
    // Others who wait get their turn.
    await new Promise((done) => setImmediate(done));
  }
}

/** The machine's own. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
};
