// One invocation of the Forge app's module as a process of its own meets it: read, compile, instantiate, first effects asked for.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const [, , file] = process.argv;
if (file) {
  // As the app does.
  setFlagsFromString('--wasm-lazy-validation');
  const module = new WebAssembly.Module(readFileSync(file));
  setFlagsFromString('--no-wasm-lazy-validation');
  const { exports } = new WebAssembly.Instance(module, {});
  const input = { operation: 'catalog.list', caller: 'console', input: {}, now: '2026-11-23T09:00:00.000Z', seed: '00'.repeat(32) };
  const text = new TextEncoder().encode(JSON.stringify(input));
  const address = exports.allocate(text.length);
  new Uint8Array(exports.memory.buffer, address, text.length).set(text);
  const packed = BigInt.asUintN(64, exports.start(address, text.length));
  const answer = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, Number(packed >> 32n), Number(packed & 0xffff_ffffn)));
  if (!JSON.parse(answer).effects) throw new Error(answer);
}
