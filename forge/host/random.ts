// Random bytes that are the same in every run: the n-th block is SHA-256 of seed and n.
import { createHash } from 'node:crypto';

export class Random {
  #seed: string;
  #drawn = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  bytes(count: number): Buffer {
    const blocks: Buffer[] = [];
    for (let got = 0; got < count; got += 32) {
      this.#drawn += 1;
      blocks.push(createHash('sha256').update(`${this.#seed}/${this.#drawn}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, count);
  }

  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
