// The module as the page runs it: real WebAssembly without imports.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { instantiate, rootOf, verifyLog } from './module.mjs';

const entries = Array.from({ length: 1000 }, (_, number) => Buffer.from(`{"entry":${number},"text":"${'x'.repeat(number % 90)}"}`));

/** RFC 6962 by its definition. */
function tree(leaves) {
  const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]);
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(Buffer.of(1), tree(leaves.slice(0, split)), tree(leaves.slice(split)));
}

function bundles(list) {
  const made = [];
  for (let at = 0; at < list.length; at += 256) {
    const parts = list.slice(at, at + 256).flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    });
    made.push(Buffer.concat(parts));
  }
  return made;
}

test('the module imports nothing', () => {
  assert.deepEqual(WebAssembly.Module.imports(instantiate.module), []);
});

test('a whole log has the root that its definition gives', () => {
  for (const size of [0, 1, 2, 255, 256, 257, 1000]) {
    const part = entries.slice(0, size);
    assert.deepEqual(rootOf(bundles(part)), { size, root: tree(part).toString('hex') });
  }
});

test('a flipped bit, a dropped entry, a swapped pair and a cut tail are each found', () => {
  const root = tree(entries).toString('hex');
  assert.deepEqual(verifyLog(bundles(entries), 1000, root), { ok: true });
  const flipped = entries.map((entry) => Buffer.from(entry));
  flipped[500][3] ^= 1;
  const swapped = entries.slice();
  [swapped[7], swapped[8]] = [swapped[8], swapped[7]];
  for (const tampered of [flipped, entries.toSpliced(500, 1), swapped, entries.slice(0, 999)]) {
    assert.equal(verifyLog(bundles(tampered), 1000, root).ok, false);
  }
  const cut = bundles(entries);
  cut[3] = cut[3].subarray(0, -1);
  assert.match(verifyLog(cut, 1000, root).problem, /no bundle/);
});

test('a verification asks for parts, and says what is no pack', () => {
  const verifier = instantiate();
  const keys = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const bytes = readFileSync(fileURLToPath(import.meta.url));
  const { wants } = verifier.begin({ length: bytes.length, keys });
  assert.deepEqual([wants.offset, wants.length], [bytes.length - 22, 22]);
  const { report } = verifier.give(bytes.subarray(wants.offset));
  assert.equal(report.ok, false);
  assert.equal(report.checks[0].code, 'zip_end');
  assert.match(verifier.give(bytes).misused, /no verification waits/);
});
