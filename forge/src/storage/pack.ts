// Packing: the platform counts reads by 10 KB, so a log of one value for each entry could not be verified within its quota. Each full 256
// entries move into parts of at most 200 KiB. First all parts are written in one transaction, then the single entries are removed; whoever
// comes between finds both, and they are the same. Done twice, or given up half-way, it loses nothing.
import { randomUUID } from 'node:crypto';

import { Filter, FilterConditions, kvs } from '@forge/kvs';

import { unavailable } from '../operation/protocol';
import { isConditionFailed, LOG, MAX_OPERATIONS } from './entity';
import { HEAD, Head, join, TILE, type LogValue } from './head';
import { bundleKey, entryKey, get, partKey, readSingles, tileKey, type Bundle } from './log';

const MAX_PART_BYTES = 200 * 1024;

/** Packs entries 256 × bundle to 256 × bundle + 255, which must all be there. */
export async function packBundle(bundle: number): Promise<void> {
  const head = await Head.read();
  const first = bundle * TILE;
  if (first + TILE > head.size) throw unavailable(`bundle ${bundle} of the log is not full`);
  if (!(await get<Bundle>(bundleKey(bundle)))) await writeParts(bundle);
  await removeSingles(first);
  await settleTiles(head);
}

async function writeParts(bundle: number): Promise<void> {
  const entries = await readSingles(bundle * TILE, (bundle + 1) * TILE);
  if (!entries) throw unavailable(`an entry of bundle ${bundle} of the log cannot be read`);
  const parts: string[][] = [];
  const starts: number[] = [];
  let bytes = 0;
  entries.forEach(({ text }, place) => {
    const length = Buffer.byteLength(JSON.stringify(text)) + 1;
    if (place === 0 || bytes + length > MAX_PART_BYTES) {
      starts.push(place);
      parts.push([]);
      bytes = 0;
    }
    parts[parts.length - 1]?.push(text);
    bytes += length;
  });
  const commit = randomUUID();
  const leaves = join(entries.map(({ leaf_hash }) => Buffer.from(leaf_hash, 'hex')));
  const put = <T>(body: T): LogValue<T> => ({ commit, body });
  const transaction = kvs.transact().set(bundleKey(bundle), put({ leaves, starts }), { entityName: LOG });
  parts.forEach((texts, part) => transaction.set(partKey(bundle, part), put(texts), { entityName: LOG }));
  await transaction.execute();
}

async function removeSingles(first: number): Promise<void> {
  for (let from = first; from < first + TILE; from += MAX_OPERATIONS) {
    const length = Math.min(MAX_OPERATIONS, first + TILE - from);
    const items = Array.from({ length }, (_, offset) => ({ key: entryKey(from + offset), entityName: LOG }));
    const { failedKeys } = await kvs.batchDelete(items);
    const left = failedKeys.filter(({ error }) => error.code !== 'KEY_NOT_FOUND');
    if (left.length > 0) throw unavailable(`${left.length} packed entries of the log could not be removed`);
  }
}

/** Moves full tiles out of the head, so that it stays small. A lost race with a commit is won the next time. */
async function settleTiles(head: Head): Promise<void> {
  for (const [place, { first, hashes }] of head.levels.entries()) {
    if (hashes.length < TILE) continue;
    const [level, commit] = [place + 1, randomUUID()];
    const tile: LogValue<string> = { commit, body: join(hashes.slice(0, TILE)) };
    const conditions = new Filter<LogValue<unknown>>().and('rev', FilterConditions.equalTo(head.revision));
    const transaction = kvs
      .transact()
      .set(tileKey(level, first / TILE), tile, { entityName: LOG })
      .set(HEAD, head.withoutTile(level, commit).value(), { entityName: LOG, conditions: conditions as never });
    try {
      await transaction.execute();
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
    }
    // The head that was read is not the one stored any more.
    return;
  }
}
