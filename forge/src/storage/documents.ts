// Reading documents: by key, strictly consistent, and by page, which may lag.
import { kvs, Sort, WhereConditions } from '@forge/kvs';

import { EffectFailure, type PageEffect, type Row } from '../operation/protocol';
import { DOCUMENT, kindOf, listing, partitionValue, rangeOf, rangeValue, SLOTS, storageKey, type Stored } from './entity';
import { patiently, readDocument } from './read';

/** Rows that the platform gives at most at once. */
const MAX_PLATFORM_PAGE = 100;

export async function getDocument(kind: string, key: string): Promise<Row | null> {
  return rowOf(await readDocument(storageKey(kind, key)));
}

function rowOf(stored: Stored | undefined): Row | null {
  // A blank has no revision: it is what is left of a removed document.
  if (stored?.rev === undefined || stored.key === undefined || stored.body === undefined) return null;
  return { key: stored.key, revision: stored.rev, body: stored.body };
}

export async function pageDocuments(query: PageEffect): Promise<{ rows: Row[]; next: { range: string; key: string } | null }> {
  const { limit, after } = query;
  if (limit < 1 || limit > MAX_PLATFORM_PAGE) throw new EffectFailure('too_large', `a page of ${limit} rows`);
  const [index, partition, range] = place(query);
  const behind = after && (query.index ? rangeValue(after.range, after.key) : after.key);
  const descending = query.order === 'descending';
  // Whatever a position says, the page stays within its bounds.
  const lower = descending ? query.from : larger(behind, query.from);
  const upper = descending ? smaller(behind, query.until) : query.until;
  const found: Stored[] = [];
  let cursor: string | undefined;
  do {
    let page = kvs
      .entity<Stored>(DOCUMENT)
      .query()
      .index(index, { partition })
      .sort(descending ? Sort.DESC : Sort.ASC)
      // One more than asked for tells whether there is a next page; the bounds that are not inclusive may cost another two.
      .limit(Math.min(limit + 3 - found.length, MAX_PLATFORM_PAGE));
    if (lower !== null && upper !== null) {
      // The platform refuses bounds the wrong way round; there is nothing between them.
      if (byBytes(lower, upper) > 0) break;
      page = page.where(WhereConditions.between(lower, upper));
    } else if (lower !== null) page = page.where(WhereConditions.greaterThanEqualTo(lower));
    else if (upper !== null) page = page.where(WhereConditions.lessThanEqualTo(upper));
    if (cursor !== undefined) page = page.cursor(cursor);
    const asked = page;
    const { results, nextCursor } = await patiently(() => asked.getMany());
    found.push(...results.map(({ value }) => value).filter((value) => wanted(query, value[range] ?? '', behind)));
    cursor = nextCursor;
  } while (cursor !== undefined && found.length <= limit);
  const rows = found.flatMap((stored) => rowOf(stored) ?? []);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const lastStored = found.find((stored) => stored.key === last?.key);
  const next = last && { range: query.index ? rangeOf(lastStored?.[range] ?? '', last.key) : '', key: last.key };
  return { rows: rows.slice(0, limit), next: next ?? null };
}

/** As the platform orders texts. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const larger = (a: string | null, b: string | null): string | null => (a === null || (b !== null && byBytes(a, b) < 0) ? b : a);
const smaller = (a: string | null, b: string | null): string | null => (a === null || (b !== null && byBytes(a, b) > 0) ? b : a);

/** Which of the platform's indexes, the partition in it, and the attribute that orders it. */
function place({ entity, index }: PageEffect): [string, [string], `r${number}`] {
  const kind = kindOf(entity);
  if (!index) {
    if (kind.indexes.length >= SLOTS) throw new Error(`kind ${entity} has an index in each slot and cannot be listed whole`);
    return [`slot-${SLOTS}`, [listing(entity)], `r${SLOTS}`];
  }
  const slot = kind.indexes.findIndex(({ name }) => name === index.name) + 1;
  const declared = kind.indexes[slot - 1];
  if (!declared) throw new Error(`kind ${entity} has no index ${index.name}`);
  const values = declared.partition.map((name) => index.partition[name] ?? '');
  return [`slot-${slot}`, [partitionValue(entity, index.name, values)], `r${slot}`];
}

/** The bounds that the platform's inclusive ones do not say. */
function wanted(query: PageEffect, range: string, behind: string | null): boolean {
  if (range === behind) return false;
  // `until` is compared with whole range values; a joined one is never equal to it.
  return query.until === null || range !== query.until;
}
