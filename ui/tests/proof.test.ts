/** The browser's check of proofs against trees made by the recursive definitions of RFC 6962 §2.1, with Node's own SHA-256. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, ProofError, readCheckpoint } from '../src/log/proof.ts';
import { leaf, path, treeHash } from './mock/tree.ts';

const entries = Array.from({ length: 33 }, (_, place) => JSON.stringify({ kind: 'request.submitted', place, who: 'Zoë' }));
const leaves = entries.map(leaf);

function proven(index: number, size: number) {
  const tree = leaves.slice(0, size);
  const note = `ai-clearance.site_x\n${size}\n${treeHash(tree).toString('base64')}\n\n— ai-clearance.site_x AAAA\n`;
  const hashes = path(index, tree).map((hash) => hash.toString('hex'));
  return { index, entry: entries[index]!, leafHash: leaves[index]!.toString('hex'), hashes, note };
}

const failsFor = (reason: ProofError['reason']) => (error: unknown) => error instanceof ProofError && error.reason === reason;

test('every leaf of every tree up to 33 entries is proved', async () => {
  for (let size = 1; size <= entries.length; size += 1) {
    for (let index = 0; index < size; index += 1) assert.equal((await check(proven(index, size))).size, size);
  }
});

test('whatever is changed is noticed, and named', async () => {
  for (const [index, size] of [
    [0, 1],
    [0, 2],
    [5, 7],
    [6, 7],
    [12, 33],
    [32, 33],
  ] as const) {
    const good = proven(index, size);
    await assert.rejects(check({ ...good, entry: good.entry.replace('Zoë', 'Zoe') }), failsFor('entry'));
    await assert.rejects(check({ ...good, entry: 'x', leafHash: leaf('x').toString('hex') }), failsFor('checkpoint'));
    await assert.rejects(check({ ...good, hashes: [...good.hashes, '00'.repeat(32)] }), failsFor('path'));
    await assert.rejects(check({ ...good, index: size }), failsFor('form'));
    for (const place of good.hashes.keys()) {
      const tampered = good.hashes.map((hash, each) => (each === place ? '00'.repeat(32) : hash));
      await assert.rejects(check({ ...good, hashes: tampered }), failsFor('checkpoint'));
      await assert.rejects(check({ ...good, hashes: good.hashes.filter((_, each) => each !== place) }), ProofError);
    }
    const other = `${good.note.split('\n').slice(0, 2).join('\n')}\n${Buffer.alloc(32).toString('base64')}\n\n`;
    await assert.rejects(check({ ...good, note: other }), failsFor('checkpoint'));
  }
});

test('a place that only looks like another one in 32 bits is not it', async () => {
  const good = proven(0, 2);
  const note = good.note.replace('\n2\n', `\n${2 ** 32 + 2}\n`);
  await assert.rejects(check({ ...good, note }), failsFor('path'));
});

test('what is no checkpoint is said to be none', () => {
  for (const note of ['', 'a\n1', 'a\n01\nAAAA', 'a\n1\nAAAA', `a\n1\n${'!'.repeat(44)}`]) {
    assert.throws(() => readCheckpoint(note), failsFor('form'));
  }
});
