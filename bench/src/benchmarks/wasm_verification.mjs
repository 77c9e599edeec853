// Seconds that the module needs for a log: bundles in a file, each behind its length in four bytes.
import { readFileSync } from 'node:fs';

const [, , verifier, file, size, root] = process.argv;
const { verifyLog } = await import(verifier);
const bytes = readFileSync(file);
const bundles = [];
for (let at = 0; at < bytes.length; ) {
  const length = bytes.readUInt32BE(at);
  bundles.push(bytes.subarray(at + 4, at + 4 + length));
  at += 4 + length;
}
const begun = performance.now();
const verdict = verifyLog(bundles, Number(size), root);
const seconds = (performance.now() - begun) / 1e3;
if (!verdict.ok) throw new Error(verdict.problem);
const changed = bundles.toSpliced(1, 1);
if (verifyLog(changed, Number(size), root).ok) throw new Error('a log without one of its bundles verifies');
console.log(seconds);
