// The head of the log: how long it is, the tree over it, and the tiles that are not full yet. One value, revised by every commit that
// appends, in the commit's own transaction.
import type { NewEntry } from '../operation/protocol';
import { readLog } from './read';
import { append, root } from './tree';

/** What the entity `log` holds under each key. */
export interface LogValue<T> {
  /** Of the head only. */
  rev?: number;
  commit: string;
  body: T;
}

export const HEAD = 'head';
const HASH = 32;
export const TILE = 256;

interface HeadBody {
  size: number;
  /** Roots of the complete subtrees, base64. */
  peaks: string;
  /** For each level from 1 on: hashes from `first` on that lie in no tile of their own yet, base64. */
  levels: { first: number; hashes: string }[];
}

export interface Level {
  first: number;
  hashes: Buffer[];
}

export class Head {
  private constructor(
    /** 0 when there is none yet. */
    readonly revision: number,
    readonly commit: string,
    readonly size: number,
    readonly peaks: readonly Buffer[],
    readonly levels: readonly Level[],
  ) {}

  static async read(): Promise<Head> {
    const stored = await readLog<HeadBody>(HEAD);
    if (stored?.rev === undefined) return new Head(0, stored?.commit ?? '', 0, [], []);
    const { size, peaks, levels } = stored.body;
    const read = levels.map(({ first, hashes }) => ({ first, hashes: split(hashes) }));
    return new Head(stored.rev, stored.commit, size, split(peaks), read);
  }

  get root(): Buffer {
    return root(this.peaks);
  }

  /** The head after these entries. */
  with(entries: readonly NewEntry[], commit: string): Head {
    const peaks = [...this.peaks];
    const levels = this.levels.map(({ first, hashes }) => ({ first, hashes: [...hashes] }));
    entries.forEach(({ leaf_hash }, offset) => {
      for (const { level, hash } of append(this.size + offset, peaks, Buffer.from(leaf_hash, 'hex'))) {
        (levels[level - 1] ??= { first: 0, hashes: [] }).hashes.push(hash);
      }
    });
    return new Head(this.revision + 1, commit, this.size + entries.length, peaks, levels);
  }

  /** The head without the first full tile of a level, which lies under its own key from then on. */
  withoutTile(level: number, commit: string): Head {
    const levels = this.levels.map((held, place) =>
      place === level - 1 ? { first: held.first + TILE, hashes: held.hashes.slice(TILE) } : held,
    );
    return new Head(this.revision + 1, commit, this.size, this.peaks, levels);
  }

  value(): LogValue<HeadBody> {
    const levels = this.levels.map(({ first, hashes }) => ({ first, hashes: join(hashes) }));
    return { rev: this.revision, commit: this.commit, body: { size: this.size, peaks: join(this.peaks), levels } };
  }
}

export const join = (hashes: readonly Buffer[]): string => Buffer.concat(hashes).toString('base64');

export function split(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / HASH }, (_, place) => bytes.subarray(place * HASH, (place + 1) * HASH));
}
