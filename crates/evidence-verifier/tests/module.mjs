// The module's interface for Node: packs, and whole logs from their bundles.
import { readFileSync } from 'node:fs';

const path = new URL('../../../target/wasm32-unknown-unknown/wasm/evidence_verifier.wasm', import.meta.url);
instantiate.module = new WebAssembly.Module(readFileSync(process.env.EVIDENCE_VERIFIER_WASM ?? path));

/** A fresh instance. */
export function instantiate() {
  const { exports } = new WebAssembly.Instance(instantiate.module, {});
  const put = (bytes) => {
    const address = exports.allocate(bytes.length);
    new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
    return address;
  };
  const read = (answer) => {
    const number = BigInt.asUintN(64, answer);
    const [address, length] = [Number(number >> 32n), Number(number & 0xffffffffn)];
    const text = new TextDecoder().decode(new Uint8Array(exports.memory.buffer, address, length));
    exports.deallocate(address, length);
    return JSON.parse(text);
  };
  return {
    exports,
    put,
    read,
    begin: (about) => {
      const bytes = Buffer.from(JSON.stringify(about));
      return read(exports.begin(put(bytes), bytes.length));
    },
    give: (bytes) => read(exports.give(put(bytes), bytes.length)),
  };
}

/** Size and root of the log in these bundles, each up to 16 MiB long. */
export function rootOf(bundles) {
  const { exports, read } = instantiate();
  let [address, room] = [0, 0];
  exports.log_begin();
  for (const bundle of bundles) {
    if (bundle.length > room) {
      if (room) exports.deallocate(address, room);
      room = Math.max(bundle.length, 1 << 20);
      address = exports.allocate(room);
    }
    new Uint8Array(exports.memory.buffer, address, bundle.length).set(bundle);
    if (BigInt.asUintN(64, exports.log_bundle(address, bundle.length)) === 0xffffffffffffffffn) {
      throw new Error('this is no bundle');
    }
  }
  return read(exports.log_finish());
}

/** Whether the bundles are the log of this size and root, which came with a checkpoint. */
export function verifyLog(bundles, size, root) {
  try {
    const found = rootOf(bundles);
    if (found.size !== size) return { ok: false, problem: `the log has ${found.size} entries instead of ${size}` };
    return found.root === root ? { ok: true } : { ok: false, problem: `the root is ${found.root} instead of ${root}` };
  } catch (error) {
    return { ok: false, problem: error.message };
  }
}
