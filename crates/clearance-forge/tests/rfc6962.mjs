// RFC 6962 §2.1, written from the definition and on purpose not shared with the module: its results are compared.
import { createHash } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Leaf hash of a log entry's text. */
export const leafHash = (text) => sha256(Uint8Array.of(0), Buffer.from(text, 'utf8'));

/** Merkle tree hash of leaf hashes. */
export function rootHash(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1), rootHash(leaves.slice(0, split)), rootHash(leaves.slice(split)));
}
