// The rules: a WebAssembly module without imports. It is carried in the bundle as text, because that is what every version of the platform's
// bundler packs, and compressed, because the engine takes longer over so much text than decompressing does. The compiled module is shared by
// all invocations of a process; an instance, whose memory holds a tenant's data, never is.
import { setFlagsFromString } from 'node:v8';
import { zstdDecompressSync } from 'node:zlib';
import { LENGTH, MODULE } from '../generated/module';
import type { Answer, Progress, Start } from './protocol';

interface Exports {
  memory: WebAssembly.Memory;
  allocate(length: number): number;
  deallocate(address: number, length: number): void;
  start(address: number, length: number): bigint;
  resume(address: number, length: number): bigint;
}

let compiled: WebAssembly.Module | undefined;

/**
 * An invocation calls few of the module's functions, and validating all of them is most of a cold start: each is validated when it is first
 * called. `cargo xtask forge check` has validated them all. The engine is told so for this one module only, because what Node has compiled of
 * itself beforehand is of no use to it under other settings.
 */
function compile(): WebAssembly.Module {
  // Into one piece: put together from the usual small ones it takes nearly twice as long.
  const module = zstdDecompressSync(Buffer.from(MODULE, 'base64'), { chunkSize: LENGTH });
  setFlagsFromString('--wasm-lazy-validation');
  try {
    return new WebAssembly.Module(module);
  } finally {
    setFlagsFromString('--no-wasm-lazy-validation');
  }
}

/** One run of one operation. A trap (`WebAssembly.RuntimeError`) leaves the instance useless, and nothing else. */
export class Instance {
  readonly #exports: Exports;

  constructor() {
    compiled ??= compile();
    this.#exports = new WebAssembly.Instance(compiled, {}).exports as unknown as Exports;
  }

  start(start: Start): Progress {
    return this.#call('start', start);
  }

  resume(answers: Answer[]): Progress {
    return this.#call('resume', { answers, now: new Date().toISOString() });
  }

  #call(name: 'start' | 'resume', message: unknown): Progress {
    const { memory, allocate, deallocate } = this.#exports;
    const text = Buffer.from(JSON.stringify(message), 'utf8');
    const address = allocate(text.length);
    // The memory moves when it grows: a new view for each use.
    new Uint8Array(memory.buffer, address, text.length).set(text);
    const packed = BigInt.asUintN(64, this.#exports[name](address, text.length));
    const [at, length] = [Number(packed >> 32n), Number(packed & 0xffff_ffffn)];
    const answer = Buffer.from(memory.buffer, at, length).toString('utf8');
    deallocate(at, length);
    return JSON.parse(answer) as Progress;
  }
}
