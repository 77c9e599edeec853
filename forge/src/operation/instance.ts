// The rules: a WebAssembly module without imports, carried in the bundle as text, because that is what every version of the platform's
// bundler packs. The compiled module is shared by all invocations of a process; an instance, whose memory holds a tenant's data, never is.
import { MODULE } from '../generated/module';
import type { Answer, Progress, Start } from './protocol';

interface Exports {
  memory: WebAssembly.Memory;
  allocate(length: number): number;
  deallocate(address: number, length: number): void;
  start(address: number, length: number): bigint;
  resume(address: number, length: number): bigint;
}

/**
 * Begun when the process starts, and done beside whatever it waits for first: validating the module takes most of the time of a cold start,
 * and a thread of its own. It knows nothing of any tenant.
 */
const compiled = WebAssembly.compile(Buffer.from(MODULE, 'base64'));
// Whoever needs it is told.
compiled.catch(() => undefined);

/** One run of one operation. A trap (`WebAssembly.RuntimeError`) leaves the instance useless, and nothing else. */
export class Instance {
  readonly #exports: Exports;

  private constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  }

  /** A fresh one. */
  static async make(): Promise<Instance> {
    return new Instance(await compiled);
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
