// What the app asked of the platform, counted, so that operations can be compared with the platform's quotas.

export interface Count {
  calls: number;
  /** Storage read units of 10 KB. */
  reads: number;
  /** Storage write units of 10 KB. */
  writes: number;
}

export type Counts = Record<string, Count>;

export class Counters {
  #counts = new Map<string, Count>();

  /** Counts one call of `name`, e.g. `kvs/get` or `jira/GET issue`. */
  call(name: string): void {
    this.#of(name).calls += 1;
  }

  units(name: string, reads: number, writes: number): void {
    const count = this.#of(name);
    count.reads += reads;
    count.writes += writes;
  }

  /** Everything counted so far. */
  snapshot(): Counts {
    return Object.fromEntries([...this.#counts].map(([name, count]) => [name, { ...count }]));
  }

  #of(name: string): Count {
    const found = this.#counts.get(name) ?? { calls: 0, reads: 0, writes: 0 };
    this.#counts.set(name, found);
    return found;
  }
}

/** What was counted between two snapshots. */
export function between(before: Counts, after: Counts): Counts {
  const none = { calls: 0, reads: 0, writes: 0 };
  const differences = Object.entries(after).map(([name, count]): [string, Count] => {
    const was = before[name] ?? none;
    return [name, { calls: count.calls - was.calls, reads: count.reads - was.reads, writes: count.writes - was.writes }];
  });
  return Object.fromEntries(differences.filter(([, count]) => count.calls > 0));
}

/** Its sum. */
export function total(counts: Counts, prefix = ''): Count {
  const sum = { calls: 0, reads: 0, writes: 0 };
  for (const [name, count] of Object.entries(counts)) {
    if (!name.startsWith(prefix)) continue;
    sum.calls += count.calls;
    sum.reads += count.reads;
    sum.writes += count.writes;
  }
  return sum;
}
