// Loads the module and carries JSON across its boundary, as the Forge app's glue does.
import { readFileSync } from 'node:fs';

/** Where `cargo xtask forge module` puts it. */
export const file = new URL('../../../target/forge/clearance_forge.wasm', import.meta.url);

export const module = new WebAssembly.Module(readFileSync(file));

/** A fresh instance: nothing outlives an invocation. */
export function instantiate() {
  const { exports } = new WebAssembly.Instance(module, {});
  const call = (name, value) => {
    const text = new TextEncoder().encode(JSON.stringify(value));
    const address = exports.allocate(text.length);
    // The memory may have moved: take a new view for each use.
    new Uint8Array(exports.memory.buffer, address, text.length).set(text);
    const packed = BigInt.asUintN(64, exports[name](address, text.length));
    const [at, length] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
    const answer = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(exports.memory.buffer, at, length)));
    exports.deallocate(at, length);
    return answer;
  };
  return { exports, start: (value) => call('start', value), resume: (answers) => call('resume', { answers }) };
}

/** Runs one operation to its end. A trap loses the instance and nothing else. */
export async function invoke(platform, invocation) {
  try {
    const instance = instantiate();
    let progress = instance.start(invocation);
    while (progress.effects) progress = instance.resume(await platform.perform(progress.effects));
    return progress;
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return { failed: { error: { code: 'unavailable' }, cause: `the module trapped in ${invocation.operation}: ${error.message}` } };
  }
}
