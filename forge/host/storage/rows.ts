// Keys and values of one space. Reads by key see the newest; queries may see an older state, as the platform warns.
import type { Clock } from '../clock.ts';

interface Version {
  /** When it came to be. */
  at: number;
  /** Nothing when it was removed. */
  value?: unknown;
  expires?: number;
}

interface Row {
  created: number;
  /** Newest last. */
  versions: Version[];
}

/** A value with what the platform knows of it. */
export interface Stored {
  key: string;
  value: unknown;
  createdAt: number;
  updatedAt: number;
  expireTime?: string;
}

export class Rows {
  #rows = new Map<string, Row>();
  #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Stored | undefined {
    const row = this.#rows.get(key);
    return row && stored(key, row, this.#live(row.versions.at(-1)));
  }

  set(key: string, value: unknown, { ttl, keepOlderThan }: { ttl?: number; keepOlderThan: number }): void {
    const now = this.#clock.now();
    const before = this.#rows.get(key);
    const versions = recent(before?.versions ?? [], keepOlderThan);
    // What is stored is what would have been sent.
    versions.push({ at: now, value: structuredClone(value), ...(ttl !== undefined && { expires: now + ttl }) });
    this.#rows.set(key, { created: before?.versions.at(-1)?.value === undefined ? now : before.created, versions });
  }

  delete(key: string, keepOlderThan: number): void {
    const row = this.#rows.get(key);
    if (!row) return;
    row.versions = [...recent(row.versions, keepOlderThan), { at: this.#clock.now() }];
    if (row.versions.every(({ value }) => value === undefined) || keepOlderThan >= this.#clock.now()) this.#rows.delete(key);
  }

  /** All rows as they were at an instant. */
  *asOf(instant: number): Iterable<Stored> {
    for (const [key, row] of this.#rows) {
      const version = this.#live(row.versions.findLast(({ at }) => at <= instant));
      const found = version && stored(key, row, version);
      if (found) yield found;
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  // An expired value may still be read for 48 hours; here it is gone at once, and `expireTime` tells who looks earlier.
  #live(version: Version | undefined): Version | undefined {
    if (!version || version.value === undefined) return undefined;
    return version.expires !== undefined && version.expires <= this.#clock.now() ? undefined : version;
  }
}

/** The versions that a query may still see. */
function recent(versions: Version[], keepOlderThan: number): Version[] {
  const visible = versions.findLastIndex(({ at }) => at <= keepOlderThan);
  return versions.slice(Math.max(visible, 0));
}

function stored(key: string, row: Row, version: Version | undefined): Stored | undefined {
  if (!version) return undefined;
  const { value, at, expires } = version;
  return {
    key,
    value,
    createdAt: row.created,
    updatedAt: at,
    ...(expires !== undefined && { expireTime: new Date(expires).toISOString() }),
  };
}
