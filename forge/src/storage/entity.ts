// How documents lie in the platform's entities; docs/decisions says why two entities serve every kind.
import { ForgeKvsAPIError } from '@forge/kvs';

import type { Kind } from '../declarations';
import { KINDS } from '../generated/declarations';
import { EffectFailure, unavailable } from '../operation/protocol';

/** All documents of all kinds. */
export const DOCUMENT = 'document';
/** The log: head, entries, bundles of 256, tiles. Read by key only. */
export const LOG = 'log';

/** The platform's limits of a transaction and a value. */
export const MAX_OPERATIONS = 25;
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
export const MAX_VALUE_BYTES = 240 * 1024;
/**
 * Index slots of the entity `document`: the platform allows seven indexes. The last lists a kind by key, unless the kind has a seventh index
 * of its own; such a kind cannot be listed whole.
 */
export const SLOTS = 7;

/** A stored document, or what is left of one. */
export interface Stored {
  /** The document's kind; of a blank `#blank`. */
  kind?: string;
  /** The document's key as the rules know it; of a blank when it was made. */
  key?: string;
  /** How often it was written. A blank has none: no condition on a revision holds for it. */
  rev?: number;
  /** JSON as text, kept byte for byte. */
  body?: string;
  /** Which commit wrote it last. */
  commit: string;
  /** `p1`, `r1` … `p7`, `r7`: partition and range of the kind's indexes in their declared order. */
  [slot: `p${number}` | `r${number}`]: string;
}

/** The kind of what is left of removed documents. */
export const BLANK = '#blank';

/** Separates a range value from the key, so that rows of equal range are ordered by key. Smaller than any character of a text of the rules. */
const BEFORE_ALL = '\u0001';
const MAX_KEY = 500;

const kinds = new Map<string, Kind>(KINDS.map((kind) => [kind.name, kind]));

export function kindOf(name: string): Kind {
  const kind = kinds.get(name);
  if (!kind) throw unavailable(`no kind is called ${name}`);
  return kind;
}

/** A name as the platform takes it in keys: other characters become `#` and two hexadecimal digits for each byte. */
export const escape = (name: string): string =>
  name.replace(/[^A-Za-z0-9._:-]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `#${byte.toString(16).padStart(2, '0')}`).join(''),
  );

/** The platform's key of a document. */
export function storageKey(kind: string, key: string): string {
  const whole = `${kindOf(kind).name}:${escape(key)}`;
  if (whole.length > MAX_KEY) throw new EffectFailure('too_large', `a key of ${whole.length} characters`);
  return whole;
}

export const partitionValue = (kind: string, index: string, values: readonly string[]): string => JSON.stringify([kind, index, ...values]);
export const rangeValue = (range: string, key: string): string => range + BEFORE_ALL + key;
/** The range value that [`rangeValue`] was made of. */
export const rangeOf = (joined: string, key: string): string => joined.slice(0, joined.length - key.length - BEFORE_ALL.length);

/** The slots of a document. An index in which an attribute has no value does not hold the document. */
export function slotsOf(kind: Kind, key: string, attributes: Record<string, string>): Record<`p${number}` | `r${number}`, string> {
  const slots: Record<`p${number}` | `r${number}`, string> = {};
  kind.indexes.forEach((index, place) => {
    const partition = index.partition.map((name) => attributes[name]);
    const range = attributes[index.range];
    if (range === undefined || !partition.every((value) => value !== undefined)) return;
    slots[`p${place + 1}`] = partitionValue(kind.name, index.name, partition);
    slots[`r${place + 1}`] = rangeValue(range, key);
  });
  return kind.indexes.length < SLOTS ? { ...slots, ...listed(kind.name, key) } : slots;
}

/** The last slot, in which a whole kind is listed by key. */
export const listed = (kind: string, key: string): { p7: string; r7: string } => ({ p7: listing(kind), r7: key });
export const listing = (kind: string): string => JSON.stringify([kind]);

/** Whether the platform says that a condition of a transaction did not hold. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof ForgeKvsAPIError && (error.code === 'CONDITIONAL_CHECK_FAILED' || error.code === 'KEY_CONFLICT');

/** Whether the platform refuses for good what it was sent: asking again would be answered the same. */
export function isRefusedForGood(error: unknown): boolean {
  if (!(error instanceof ForgeKvsAPIError)) return false;
  const { status } = error.responseDetails;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}
