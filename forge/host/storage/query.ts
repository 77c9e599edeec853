// Queries: over keys, and over the indexes of an entity.
import type { Entity, Index } from '../manifest.ts';
import { Refusal } from '../reply.ts';
import { compare, type Condition, type Filter, holds, passes } from './conditions.ts';
import type { Stored } from './rows.ts';

export interface KeyQuery {
  limit?: number;
  after?: string;
  where?: Condition[];
}

export interface EntityQuery {
  entityName: string;
  indexName: string;
  partition?: unknown[];
  range?: Condition;
  filters?: Filter;
  sort?: 'ASC' | 'DESC';
  cursor?: string;
  limit?: number;
}

export interface Page {
  data: { key: string; value: unknown }[];
  cursor?: string;
}

const MAX_LIMIT = 100;

/** A page of keys in order, with how many rows were looked at. */
export function byKey(rows: Iterable<Stored>, { limit, after, where = [] }: KeyQuery): { page: Page; seen: Stored[] } {
  for (const { property } of where) if (property !== 'key') throw new Refusal(400, 'INVALID_PROPERTY', 'Only keys are queried');
  const found = [...rows].filter(({ key }) => where.every((condition) => holds(condition, key)));
  found.sort((a, b) => compare(a.key, b.key));
  return cut(found, limit, after, ({ key }) => [key]);
}

export function byIndex(entity: Entity, rows: Iterable<Stored>, query: EntityQuery): { page: Page; seen: Stored[] } {
  const index = entity.indexes.get(query.indexName);
  if (!index) throw new Refusal(400, 'INVALID_INDEX', `${entity.name} has no index ${query.indexName}`);
  if (index.partition.length !== (query.partition?.length ?? 0)) {
    throw new Refusal(400, 'INVALID_PARTITION', `${index.name} takes ${index.partition.length} partition values`);
  }
  const found = [...rows].filter((row) => inIndex(index, query, row));
  const direction = query.sort === 'DESC' ? -1 : 1;
  found.sort((a, b) => direction * (compare(at(index, a), at(index, b)) || compare(a.key, b.key)));
  const { page, seen } = cut(found, query.limit, query.cursor, (row) => [String(at(index, row)), row.key]);
  // Filters are applied to what was read: a page may hold fewer than it could, and more may follow.
  return { page: { ...page, data: page.data.filter(({ value }) => passes(query.filters, value)) }, seen };
}

function at(index: Index, row: Stored): string | number {
  return index.range ? ((row.value as Record<string, string | number>)[index.range] as string | number) : row.key;
}

function inIndex(index: Index, query: EntityQuery, row: Stored): boolean {
  const value = row.value as Record<string, unknown>;
  if (!index.partition.every((name, number) => value[name] === query.partition?.[number])) return false;
  if (index.range && value[index.range] === undefined) return false;
  return !query.range || holds(query.range, at(index, row));
}

function cut(rows: Stored[], limit = 10, after: string | undefined, place: (row: Stored) => string[]) {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new Refusal(400, 'QUERY_PAGE_LIMIT_NOT_IN_RANGE', `limit is 1 to ${MAX_LIMIT}`);
  }
  const start = after === undefined ? 0 : from(rows, after, place);
  const seen = rows.slice(start, start + limit);
  const last = seen.at(-1);
  const more = start + limit < rows.length && last;
  const page: Page = {
    data: seen.map(({ key, value }) => ({ key, value: structuredClone(value) })),
    ...(more && { cursor: Buffer.from(JSON.stringify(place(last))).toString('base64url') }),
  };
  return { page, seen };
}

/** Where to go on: after the row that the cursor names. Cursors are not to be kept, so a row that is gone ends the walk. */
function from(rows: Stored[], cursor: string, place: (row: Stored) => string[]): number {
  let wanted: string;
  try {
    wanted = JSON.stringify(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new Refusal(400, 'INVALID_CURSOR', 'This is no cursor');
  }
  const found = rows.findIndex((row) => JSON.stringify(place(row)) === wanted);
  if (found < 0) throw new Refusal(400, 'INVALID_CURSOR', 'The cursor is no longer valid');
  return found + 1;
}
