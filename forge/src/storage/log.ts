// Reading the log. An entry lies under its own key until its bundle of 256 is full and packed (pack.ts); a reader may come before, during
// and after that.
import { kvs } from '@forge/kvs';

import { EffectFailure, type NewEntry } from '../operation/protocol';
import { LOG, MAX_OPERATIONS } from './entity';
import { Head, split, TILE, type LogValue } from './head';
import { patiently, readLog } from './read';

export interface ReadEntry extends NewEntry {
  index: number;
}

/** What is packed of 256 entries: their leaf hashes, and which entry each part starts with. */
export interface Bundle {
  leaves: string;
  starts: number[];
}

/** Entries that the port gives at most at once: below the platform's 5 MB in all. */
const MAX_ENTRIES = 1024;

export const entryKey = (index: number): string => `entry:${String(index).padStart(12, '0')}`;
export const bundleKey = (bundle: number): string => `bundle:${bundle}`;
export const partKey = (bundle: number, part: number): string => `part:${bundle}:${part}`;
export const tileKey = (level: number, index: number): string => `tile:${level}:${index}`;

const damaged = (what: string): EffectFailure => new EffectFailure('damaged', what);

export async function logHead(): Promise<{ size: number; root: string }> {
  const { size, root } = await Head.read();
  return { size, root: root.toString('hex') };
}

export async function logEntries(from: number, limit: number): Promise<ReadEntry[]> {
  if (limit > MAX_ENTRIES) throw new EffectFailure('too_large', `${limit} entries at once`);
  const { size } = await Head.read();
  const until = Math.min(from + limit, size);
  const bundles: Promise<ReadEntry[]>[] = [];
  for (let bundle = Math.floor(from / TILE); bundle * TILE < until; bundle += 1) {
    const first = Math.max(from, bundle * TILE);
    const last = Math.min(until, (bundle + 1) * TILE);
    bundles.push(readBundle(bundle, first, last, size));
  }
  return (await Promise.all(bundles)).flat();
}

export async function logTile(level: number, index: number): Promise<string[]> {
  const head = await Head.read();
  if (level === 0) {
    const [first, until] = [index * TILE, Math.min((index + 1) * TILE, head.size)];
    if (first >= until) return [];
    const packed = until - first === TILE ? await get<Bundle>(bundleKey(index)) : undefined;
    if (packed) return split(packed.leaves).map((hash) => hash.toString('hex'));
    return (await readBundle(index, first, until, head.size)).map(({ leaf_hash }) => leaf_hash);
  }
  const held = head.levels[level - 1];
  if (!held) return [];
  const start = index * TILE - held.first;
  const hashes = start >= 0 ? held.hashes.slice(start, start + TILE) : split((await get<string>(tileKey(level, index))) ?? '');
  if (start < 0 && hashes.length !== TILE) throw damaged(`tile ${level}/${index} of the log is missing`);
  return hashes.map((hash) => hash.toString('hex'));
}

/** Entries `first` to `until` of one bundle. */
async function readBundle(bundle: number, first: number, until: number, size: number): Promise<ReadEntry[]> {
  const full = (bundle + 1) * TILE <= size;
  const packed = full ? await readPacked(bundle, first, until) : undefined;
  if (packed) return packed;
  const singles = await readSingles(first, until);
  if (singles) return singles;
  // Packed since the first look.
  const now = full ? await readPacked(bundle, first, until) : undefined;
  if (!now) throw damaged(`an entry of the log between ${first} and ${until - 1} is missing`);
  return now;
}

async function readPacked(bundle: number, first: number, until: number): Promise<ReadEntry[] | undefined> {
  const index = await get<Bundle>(bundleKey(bundle));
  if (!index) return undefined;
  const leaves = split(index.leaves);
  const parts = await Promise.all(
    index.starts.map(async (start, part) => {
      const end = index.starts[part + 1] ?? TILE;
      if (bundle * TILE + end <= first || bundle * TILE + start >= until) return [];
      const texts = await get<string[]>(partKey(bundle, part));
      if (texts?.length !== end - start) throw damaged(`part ${part} of bundle ${bundle} of the log is missing`);
      return texts.map((text, offset) => ({
        index: bundle * TILE + start + offset,
        text,
        leaf_hash: leaves[start + offset]?.toString('hex') ?? '',
      }));
    }),
  );
  return parts.flat().filter(({ index }) => index >= first && index < until);
}

/** Entries under their own keys; nothing when one of them is not there. */
export async function readSingles(first: number, until: number): Promise<ReadEntry[] | undefined> {
  const indexes = Array.from({ length: until - first }, (_, offset) => first + offset);
  const batches: number[][] = [];
  while (indexes.length > 0) batches.push(indexes.splice(0, MAX_OPERATIONS));
  const read = await Promise.all(batches.map(readBatch));
  const entries = read.flat();
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

async function readBatch(indexes: number[]): Promise<(ReadEntry | undefined)[]> {
  const items = indexes.map((index) => ({ key: entryKey(index), entityName: LOG }));
  const { successfulKeys } = await patiently(() => kvs.batchGet<LogValue<NewEntry>>(items));
  const found = new Map(successfulKeys.map(({ key, value }) => [key, value?.body]));
  return Promise.all(
    indexes.map(async (index) => {
      // A batch is best effort; what it does not have is asked for once more alone.
      const entry = found.get(entryKey(index)) ?? (await get<NewEntry>(entryKey(index)));
      return entry && { index, text: entry.text, leaf_hash: entry.leaf_hash };
    }),
  );
}

export async function get<T>(key: string): Promise<T | undefined> {
  return (await readLog<T>(key))?.body;
}
