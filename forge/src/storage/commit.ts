// One commit of the rules as one transaction of the platform: documents under conditions on their revisions, entries of the log under their
// own keys, and the log's head with its new tree.
//
// What the platform does not say, and what is done about it:
// - What a condition means for a key that does not exist. Removing therefore leaves a blank, a value without revision, for a day: a late
//   write meets the blank and not a missing key. Making a document asks that there is no revision, which a blank and (as we assume) a
//   missing key both satisfy. If the platform refuses that for missing keys, blanks are put there first, each only if the key is still
//   free, and the transaction is tried again. Whichever way it is, nothing is ever overwritten that was not read.
// - Whether a transaction whose answer was lost took place. Each carries an id of its own in all that it writes, so it can be looked up.
import { randomBytes, randomUUID } from 'node:crypto';

import { Filter, FilterConditions, kvs } from '@forge/kvs';

import { conflict, EffectFailure, unavailable, type CommitEffect, type NewEntry, type Write } from '../operation/protocol';
import {
  BLANK,
  DOCUMENT,
  isConditionFailed,
  isRefusedForGood,
  kindOf,
  listed,
  LOG,
  MAX_OPERATIONS,
  MAX_TRANSACTION_BYTES,
  MAX_VALUE_BYTES,
  slotsOf,
  storageKey,
  type Stored,
} from './entity';
import { HEAD, Head, type LogValue } from './head';
import { entryKey } from './log';
import { readDocument, readLog } from './read';

/** Tries before the platform counts as unavailable, or the log's head as too busy. */
const MAX_ATTEMPTS = 8;
/** The platform's integers are signed and of 32 bits. */
const MAX_REVISION = 2 ** 31 - 1;
/** Milliseconds before the second try; doubled for each one after. */
const FIRST_PAUSE = 40;

type Transaction = ReturnType<typeof kvs.transact>;
/** One operation of a transaction: how it is asked for, and what it weighs. */
interface Operation {
  bytes: number;
  add(transaction: Transaction): void;
}

/**
 * The commits of one invocation, one after the other: those that the rules make at once would only race each other for the log's head.
 * What an invocation wrote last is also the head that its next commit most likely meets, so it is read again only after a lost race.
 */
export class Commits {
  #last: Promise<unknown> = Promise.resolve();
  #head: Head | undefined;

  commit(effect: CommitEffect): Promise<{ first_entry: number }> {
    const done = this.#last.then(() => this.#commit(effect));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #commit({ writes, entries }: CommitEffect): Promise<{ first_entry: number }> {
    const keys = writes.map((write) => storageKey(write.entity, write.key));
    if (new Set(keys).size < keys.length) throw new EffectFailure('too_large', 'a document is named twice in one commit');
    // With the log's head, whether or not it is written this time: what fits does not depend on it.
    if (writes.length + entries.length + 1 > MAX_OPERATIONS) throw new EffectFailure('too_large', `${writes.length} writes and ${entries.length} entries`);
    // No document was ever written so often: the platform's integers end there.
    if (writes.some(({ expected }) => expected !== null && expected >= MAX_REVISION)) throw conflict();
    const id = randomUUID();
    const tried: number[] = [];
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const head = (this.#head ??= await Head.read());
      const next = head.with(entries, id);
      const operations = writes.map((write) => writeOperation(write, id));
      if (entries.length > 0) operations.push(...logOperations(head, next, entries, id));
      measure(operations);
      if (operations.length === 0) return { first_entry: head.size };
      tried.push(head.size);
      try {
        await execute(operations);
        if (entries.length > 0) this.#head = next;
        return { first_entry: head.size };
      } catch (error) {
        this.#head = undefined;
        if (!isConditionFailed(error) && isRefusedForGood(error)) {
          throw unavailable(`the platform refuses a commit: ${(error as Error).message}`);
        }
        // The answer may have been lost, of this try or of one before.
        const done = await applied(writes, tried, entries.length > 0, id);
        if (done !== undefined) return { first_entry: done };
        if (isConditionFailed(error)) await explain(writes, head, entries.length > 0, id);
      }
      await pause(attempt);
    }
    throw unavailable(`a commit did not get through in ${MAX_ATTEMPTS} tries`);
  }
}

async function execute(operations: readonly Operation[]): Promise<void> {
  const transaction = kvs.transact();
  for (const operation of operations) operation.add(transaction);
  await transaction.execute();
}

/** Waits longer after each try, and not as long as somebody else does. */
function pause(attempt: number): Promise<void> {
  const share = 0.5 + (randomBytes(1)[0] ?? 0) / 512;
  return new Promise((done) => setTimeout(done, FIRST_PAUSE * 2 ** (attempt - 1) * share));
}

const revisionIs = (revision: number): Filter<Stored> =>
  new Filter<Stored>().and('rev', FilterConditions.equalTo(revision)) as unknown as Filter<Stored>;
const noRevision = (): Filter<Stored> => new Filter<Stored>().and('rev', FilterConditions.notExists()) as unknown as Filter<Stored>;

function writeOperation(write: Write, commit: string): Operation {
  const key = storageKey(write.entity, write.key);
  const conditions = (write.expected === null ? noRevision() : revisionIs(write.expected)) as never;
  const entity = { entityName: DOCUMENT, conditions };
  if (write.kind === 'check') return { bytes: key.length, add: (transaction) => void transaction.check(key, entity) };
  const value = write.kind === 'delete' ? blank(commit) : documentOf(write, commit);
  return { bytes: weigh(value), add: (transaction) => void transaction.set(key, value, entity) };
}

const blank = (commit: string): Stored => ({ ...listed(BLANK, new Date().toISOString()), commit });

function documentOf(write: Extract<Write, { kind: 'put' }>, commit: string): Stored {
  const kind = kindOf(write.entity);
  const slots = slotsOf(kind, write.key, write.attributes);
  return { key: write.key, rev: (write.expected ?? 0) + 1, body: write.body, commit, ...slots };
}

function logOperations(head: Head, next: Head, entries: readonly NewEntry[], commit: string): Operation[] {
  const set = (key: string, value: LogValue<unknown>, conditions?: Filter<Stored>): Operation => ({
    bytes: weigh(value),
    add: (transaction) => void transaction.set(key, value, { entityName: LOG, ...(conditions && { conditions: conditions as never }) }),
  });
  return [
    set(HEAD, next.value(), head.revision === 0 ? noRevision() : revisionIs(head.revision)),
    ...entries.map((entry, offset) => set(entryKey(head.size + offset), { commit, body: entry })),
  ];
}

function weigh(value: object): number {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_VALUE_BYTES) throw new EffectFailure('too_large', `a value of ${bytes} bytes`);
  return bytes;
}

function measure(operations: readonly Operation[]): void {
  const bytes = operations.reduce((sum, operation) => sum + operation.bytes, 0);
  if (bytes > MAX_TRANSACTION_BYTES) throw new EffectFailure('too_large', `a commit of ${bytes} bytes`);
}

/**
 * Where the commit's first entry is, if one of its transactions took place although nobody said so: what it wrote carries its id.
 * `tried` are the places at which it would be.
 */
async function applied(writes: readonly Write[], tried: readonly number[], appends: boolean, id: string): Promise<number | undefined> {
  if (appends) {
    const entries = await Promise.all(tried.map((index) => readLog(entryKey(index))));
    return tried.find((_, place) => entries[place]?.commit === id);
  }
  const write = writes.find(({ kind }) => kind !== 'check');
  const stored = write && (await readDocument(storageKey(write.entity, write.key)));
  return stored?.commit === id ? tried[0] : undefined;
}

/** Why a condition did not hold. Throws when somebody else wrote one of the documents; returns when trying again is right. */
async function explain(writes: readonly Write[], head: Head, appends: boolean, id: string): Promise<void> {
  const stored = await Promise.all(writes.map((write) => readDocument(storageKey(write.entity, write.key))));
  if (writes.some((write, place) => (stored[place]?.rev ?? null) !== write.expected)) throw conflict();
  const now = appends ? await Head.read() : head;
  if (now.revision !== head.revision) return;
  // Nothing differs: the platform refuses conditions on keys that do not exist.
  const missing = writes.filter((write, place) => write.expected === null && stored[place] === undefined);
  await Promise.all(missing.map((write) => makeBlank(DOCUMENT, storageKey(write.entity, write.key), blank(id))));
  if (appends && head.revision === 0) await makeBlank(LOG, HEAD, { commit: '' });
}

async function makeBlank(entity: string, key: string, value: object): Promise<void> {
  try {
    await kvs.entity<object>(entity).set(key, value, { keyPolicy: 'FAIL_IF_EXISTS' });
  } catch (error) {
    // Somebody else was first, and the transaction will say so.
    if (!isConditionFailed(error)) throw error;
  }
}
