// The storage of one installation: keys and values, entities, secrets. Paths and bodies are those that `@forge/kvs` sends.
import type { Clock } from '../clock.ts';
import type { Counters } from '../counters.ts';
import type { Entity, Manifest } from '../manifest.ts';
import { Refusal } from '../reply.ts';
import { type Filter, passes } from './conditions.ts';
import { byIndex, byKey, type EntityQuery, type KeyQuery } from './query.ts';
import { Quota } from './quota.ts';
import { Rows, type Stored } from './rows.ts';
import { checkAttributes, checkKey, checkValue, size, units } from './values.ts';

interface Item {
  key: string;
  value?: unknown;
  entityName?: string;
  options?: { ttl?: { value: number; unit: keyof typeof UNITS }; keyPolicy?: 'OVERRIDE' | 'FAIL_IF_EXISTS'; returnValue?: 'PREVIOUS' | 'LATEST' };
  conditions?: Filter;
}

interface Transaction {
  set?: Item[];
  delete?: Item[];
  check?: Item[];
}

const UNITS = { SECONDS: 1_000, MINUTES: 60_000, HOURS: 3_600_000, DAYS: 86_400_000 };
const MAX_OPERATIONS = 25;
const MAX_BYTES = 4 * 1024 * 1024;
const YEAR = 366 * UNITS.DAYS;

export class Storage {
  readonly quota: Quota;
  /** By how much queries are late, in milliseconds. */
  lag = 0;
  #clock: Clock;
  #counters: Counters;
  #entities: Map<string, Entity>;
  #plain: Rows;
  #secrets: Rows;
  #spaces = new Map<string, Rows>();

  constructor(manifest: Manifest, clock: Clock, counters: Counters) {
    this.#clock = clock;
    this.#counters = counters;
    this.#entities = manifest.entities;
    this.#plain = new Rows(clock);
    this.#secrets = new Rows(clock);
    this.quota = new Quota(clock);
  }

  /** Performs one call; `path` is what follows `/api/v1/`. */
  perform(path: string, body: any): unknown {
    this.quota.call();
    switch (path) {
      case 'get':
        return this.#get(this.#plain, body, path);
      case 'set':
        return this.#set(this.#plain, body, path);
      case 'delete':
        return this.#delete(this.#plain, body, path);
      case 'secret/get':
        return this.#get(this.#secrets, body, path);
      case 'secret/set':
        return this.#set(this.#secrets, body, path);
      case 'secret/delete':
        return this.#delete(this.#secrets, body, path);
      case 'entity/get':
        return this.#get(this.#space(body).rows, body, path);
      case 'entity/set':
        return this.#set(this.#space(body).rows, body, path);
      case 'entity/delete':
        return this.#delete(this.#space(body).rows, body, path);
      case 'query':
        return this.#page(path, byKey(this.#plain.asOf(this.#shown()), body as KeyQuery));
      case 'entity/query': {
        const { entity, rows } = this.#space(body);
        return this.#page(path, byIndex(entity, rows.asOf(this.#shown()), body as EntityQuery));
      }
      case 'transaction':
        return this.#transact(body);
      case 'batch/get':
      case 'batch/set':
      case 'batch/delete':
        return this.#batch(path, body);
      default:
        throw new Refusal(404, 'NOT_FOUND', `There is no storage call ${path}`);
    }
  }

  /** What is stored under a key of an entity, for tests that look behind the app's back. */
  peek(entityName: string, key: string): unknown {
    return this.#spaces.get(entityName)?.get(key)?.value;
  }

  /** Everything of an entity, in no order. */
  all(entityName: string): Stored[] {
    return [...(this.#spaces.get(entityName)?.asOf(this.#clock.now()) ?? [])];
  }

  /** Everything stored, as text: to look for what must not be there. Secrets are not among it. */
  dump(): string {
    const now = this.#clock.now();
    return JSON.stringify([...this.#plain.asOf(now), ...[...this.#spaces.values()].flatMap((rows) => [...rows.asOf(now)])]);
  }

  /** Changes a stored value behind the app's back. */
  tamper(entityName: string, key: string, change: (value: any) => unknown): void {
    const { rows } = this.#space({ key, entityName });
    rows.set(key, change(structuredClone(rows.get(key)?.value)), { keepOlderThan: this.#clock.now() });
  }

  #shown(): number {
    return this.#clock.now() - this.lag;
  }

  #space({ entityName }: Item): { entity: Entity; rows: Rows } {
    const entity = this.#entities.get(entityName ?? '');
    if (!entity) throw new Refusal(400, 'INVALID_ENTITY_NAME', `The manifest has no entity ${entityName}`);
    const rows = this.#spaces.get(entity.name) ?? new Rows(this.#clock);
    this.#spaces.set(entity.name, rows);
    return { entity, rows };
  }

  #rows(item: Item): Rows {
    return item.entityName === undefined ? this.#plain : this.#space(item).rows;
  }

  #charge(path: string, reads: number, writes: number): void {
    this.quota.units(reads, writes);
    this.#counters.units(`kvs/${path}`, reads, writes);
  }

  #get(rows: Rows, item: Item, path: string): Stored {
    checkKey(item.key);
    const found = rows.get(item.key);
    this.#charge(path, units(found?.value), 0);
    if (!found) throw new Refusal(404, 'KEY_NOT_FOUND', 'Key not found');
    return { ...found, value: structuredClone(found.value) };
  }

  #check(item: Item): void {
    checkKey(item.key);
    checkValue(item.value);
    if (item.entityName !== undefined) checkAttributes(this.#space(item).entity, item.value);
    const ttl = item.options?.ttl;
    if (ttl && !(ttl.value * UNITS[ttl.unit] > 0 && ttl.value * UNITS[ttl.unit] <= YEAR)) throw new Refusal(400, 'INVALID_TTL', 'ttl is up to a year');
  }

  #write(rows: Rows, { key, value, options }: Item): void {
    const ttl = options?.ttl && options.ttl.value * UNITS[options.ttl.unit];
    rows.set(key, value, { keepOlderThan: this.#shown(), ...(ttl !== undefined && { ttl }) });
  }

  #set(rows: Rows, item: Item, path: string): Stored | undefined {
    this.#check(item);
    const before = rows.get(item.key);
    this.#charge(path, 0, units(item.value));
    if (item.options?.keyPolicy === 'FAIL_IF_EXISTS' && before) throw new Refusal(409, 'KEY_CONFLICT', 'The key exists');
    this.#write(rows, item);
    if (!item.options?.returnValue) return undefined;
    return item.options.returnValue === 'PREVIOUS' ? before : rows.get(item.key);
  }

  #delete(rows: Rows, item: Item, path: string): undefined {
    checkKey(item.key);
    this.#charge(path, 0, 1);
    rows.delete(item.key, this.#shown());
  }

  #page<Found>(path: string, { page, seen }: { page: Found; seen: Stored[] }): Found {
    // What a query reads is charged together, not row by row.
    this.#charge(path, units(seen.map(({ value }) => value)), 0);
    return page;
  }

  #transact(transaction: Transaction): undefined {
    const { set = [], delete: remove = [], check = [] } = transaction;
    const items = [...set, ...remove, ...check];
    if (items.length === 0) throw new Refusal(400, 'INVALID_TRANSACTION_REQUEST', 'A transaction does something');
    if (items.length > MAX_OPERATIONS) throw new Refusal(400, 'MAX_OPERATIONS', `A transaction has at most ${MAX_OPERATIONS} operations`);
    if (size(transaction) > MAX_BYTES) throw new Refusal(413, 'MAX_SIZE', `A transaction has at most ${MAX_BYTES} bytes`);
    const names = items.map(({ entityName = '', key }) => `${entityName}/${key}`);
    if (new Set(names).size !== names.length) throw new Refusal(400, 'DUPLICATE_KEY', 'A transaction names each key once');
    for (const item of items) {
      checkKey(item.key);
      if (item.conditions && item.entityName === undefined) throw new Refusal(400, 'INVALID_TRANSACTION_REQUEST', 'Only entities have conditions');
    }
    set.forEach((item) => this.#check(item));
    const written = set.reduce((sum, { value }) => sum + units(value), 0) + remove.length + check.length;
    this.#charge('transaction', 0, written);
    for (const item of items) {
      if (!passes(item.conditions, this.#rows(item).get(item.key)?.value)) {
        throw new Refusal(400, 'CONDITIONAL_CHECK_FAILED', 'Conditional check failed');
      }
    }
    set.forEach((item) => this.#write(this.#rows(item), item));
    remove.forEach((item) => this.#rows(item).delete(item.key, this.#shown()));
  }

  #batch(path: string, items: Item[]): unknown {
    if (!Array.isArray(items) || items.length === 0 || items.length > MAX_OPERATIONS) {
      throw new Refusal(400, 'MAX_OPERATIONS', `A batch has 1 to ${MAX_OPERATIONS} items`);
    }
    if (size(items) > MAX_BYTES) throw new Refusal(413, 'MAX_SIZE', `A batch has at most ${MAX_BYTES} bytes`);
    const successfulKeys: unknown[] = [];
    const failedKeys: unknown[] = [];
    for (const item of items) {
      const name = { key: item.key, ...(item.entityName !== undefined && { entityName: item.entityName }) };
      try {
        const rows = this.#rows(item);
        if (path === 'batch/get') successfulKeys.push({ ...name, ...this.#get(rows, item, path) });
        else {
          if (path === 'batch/set') this.#set(rows, { ...item, options: { ...item.options, keyPolicy: 'OVERRIDE' } }, path);
          else this.#delete(rows, item, path);
          successfulKeys.push(name);
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        failedKeys.push({ ...name, error: { code: error.code, message: error.message } });
      }
    }
    return { successfulKeys, failedKeys };
  }
}
