// RFC 6962 §2.1 over leaf hashes, growing by appending: the roots of the complete subtrees from left to right, and the nodes that become
// hashes of tiles (C2SP tlog-tiles). What the rules hash and sign is made and checked in crates/audit-log; this only keeps the head.
import { createHash } from 'node:crypto';

const TILE_HEIGHT = 8;

const node = (left: Buffer, right: Buffer): Buffer => createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();

/** A node that is a hash of the tile at a level above 0. */
export interface TileHash {
  level: number;
  /** Its place within its level. */
  index: number;
  hash: Buffer;
}

/** Appends a leaf to a tree of `size` leaves; changes `peaks` in place and returns the tiles' hashes that are complete now. */
export function append(size: number, peaks: Buffer[], leaf: Buffer): TileHash[] {
  const tiles: TileHash[] = [];
  let hash = leaf;
  let height = 0;
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = peaks.pop();
    if (!left) throw new Error('the tree has fewer subtrees than its size says');
    hash = node(left, hash);
    height += 1;
    if (height % TILE_HEIGHT === 0) {
      tiles.push({ level: height / TILE_HEIGHT, index: Math.floor(size / 2 ** height), hash });
    }
  }
  peaks.push(hash);
  return tiles;
}

/** The root over the complete subtrees. */
export function root(peaks: readonly Buffer[]): Buffer {
  if (peaks.length === 0) return createHash('sha256').digest();
  return peaks.reduceRight((right, left) => node(left, right));
}
