/** Merkle trees by the recursive definitions of RFC 6962 §2.1, with Node's own SHA-256: slow, and independent of what the pages do. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Buffer[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
export const leaf = (entry: string) => sha256(Buffer.of(0), Buffer.from(entry));

function split(length: number): number {
  let half = 1;
  while (half * 2 < length) half *= 2;
  return half;
}

export function treeHash(leaves: Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0]!;
  const half = split(leaves.length);
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}

export function path(index: number, leaves: Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const half = split(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half ? [...path(index, left), treeHash(right)] : [...path(index - half, right), treeHash(left)];
}
