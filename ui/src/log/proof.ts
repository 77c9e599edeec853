/**
 * Inclusion proofs as RFC 6962 §2.1 and RFC 9162 §2.1.3.2 define them, recomputed in the browser. It shows what the server said to be so or
 * not so; who trusts neither the server nor its pages uses the offline verifier.
 */

/** A hash that was not what it had to be. */
export class ProofError extends Error {
  override readonly name = 'ProofError';

  constructor(readonly reason: 'form' | 'entry' | 'path' | 'checkpoint') {
    super(reason);
  }
}

/** Whether this browser computes hashes here: over HTTPS, or on the machine itself. */
export const canHash = (): boolean => globalThis.crypto?.subtle !== undefined;

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** The leaf hash of an entry's canonical text. */
export const leafHash = (entry: string): Promise<Uint8Array> => sha256(Uint8Array.of(0), new TextEncoder().encode(entry));

const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> => sha256(Uint8Array.of(1), left, right);

/** The root to which a proof leads from a leaf at `index` in a tree of `size` leaves. */
export async function rootOf(leaf: Uint8Array, index: number, size: number, hashes: readonly Uint8Array[]): Promise<Uint8Array> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) throw new ProofError('form');
  // Sizes may exceed 32 bits, which the bit operators of numbers cut off.
  let [fn, sn] = [BigInt(index), BigInt(size - 1)];
  let root = leaf;
  for (const hash of hashes) {
    if (sn === 0n) throw new ProofError('path');
    if (fn & 1n || fn === sn) {
      root = await nodeHash(hash, root);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      root = await nodeHash(root, hash);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  if (sn !== 0n) throw new ProofError('path');
  return root;
}

/** What a checkpoint says in its first three lines (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

export function readCheckpoint(note: string): Checkpoint {
  const [origin, size, root] = note.split('\n');
  if (!origin || !size || !root || !/^(0|[1-9][0-9]*)$/.test(size)) throw new ProofError('form');
  return { origin, size: Number(size), root: fromBase64(root) };
}

export interface Proven {
  index: number;
  /** The entry's canonical text. */
  entry: string;
  /** The leaf hash that is shown with it. */
  leafHash: string;
  /** Hashes of the proof, hexadecimal. */
  hashes: readonly string[];
  /** The checkpoint's signed note. */
  note: string;
}

/** Recomputes the entry's leaf hash and the root that the proof leads to, and compares them with what is shown and what is signed. */
export async function check({ index, entry, leafHash: shown, hashes, note }: Proven): Promise<Checkpoint> {
  const checkpoint = readCheckpoint(note);
  const leaf = await leafHash(entry);
  if (!equal(leaf, fromHex(shown))) throw new ProofError('entry');
  const root = await rootOf(leaf, index, checkpoint.size, hashes.map(fromHex));
  if (!equal(root, checkpoint.root)) throw new ProofError('checkpoint');
  return checkpoint;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

function fromHex(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new ProofError('form');
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function fromBase64(text: string): Uint8Array {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    if (bytes.length === 32) return bytes;
  } catch {
    // not base64 at all
  }
  throw new ProofError('form');
}
