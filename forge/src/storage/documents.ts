// Reading documents: by key, strictly consistent, and by page, which may lag.
import { kvs, Sort, WhereConditions } from '@forge/kvs';

import type { PageEffect, Row } from '../operation/protocol';
import { DOCUMENT, kindOf, partitionValue, rangeOf, rangeValue, storageKey, type Stored } from './entity';

/** Rows that the platform gives at most at once. */
const MAX_PLATFORM_PAGE = 100;

export async function getDocument(kind: string, key: string): Promise<Row | null> {
  return rowOf(await kvs.entity<Stored>(DOCUMENT).get(storageKey(kind, key)));
}

function rowOf(stored: Stored | undefined): Row | null {
  // A blank has no revision: it is what is left of a removed document.
  if (stored?.rev === undefined || stored.key === undefined || stored.body === undefined) return null;
  return { key: stored.key, revision: stored.rev, body: stored.body };
}

export async function pageDocuments(query: PageEffect): Promise<{ rows: Row[]; next: { range: string; key: string } | null }> {
  const { limit, after } = query;
  const [index, partition, range] = place(query);
  const behind = after && (query.index ? rangeValue(after.range, after.key) : after.key);
  const descending = query.order === 'descending';
  const lower = !descending && behind !== null ? behind : query.from;
  const upper = descending && behind !== null ? behind : query.until;
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
      if (Buffer.compare(Buffer.from(lower), Buffer.from(upper)) > 0) break;
      page = page.where(WhereConditions.between(lower, upper));
    } else if (lower !== null) page = page.where(WhereConditions.greaterThanEqualTo(lower));
    else if (upper !== null) page = page.where(WhereConditions.lessThanEqualTo(upper));
    if (cursor !== undefined) page = page.cursor(cursor);
    const { results, nextCursor } = await page.getMany();
    found.push(...results.map(({ value }) => value).filter((value) => wanted(query, value[range] ?? '', behind)));
    cursor = nextCursor;
  } while (cursor !== undefined && found.length <= limit);
  const rows = found.flatMap((stored) => rowOf(stored) ?? []);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const lastStored = found.find((stored) => stored.key === last?.key);
  const next = last && { range: query.index ? rangeOf(lastStored?.[range as `r${number}`] ?? '', last.key) : '', key: last.key };
  return { rows: rows.slice(0, limit), next: next ?? null };
}

/** Which of the platform's indexes, the partition in it, and the attribute that orders it. */
function place({ entity, index }: PageEffect): [string, [string], 'key' | `r${number}`] {
  const kind = kindOf(entity);
  if (!index) return ['by-kind', [entity], 'key'];
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
