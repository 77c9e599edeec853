// `WebAssembly` as the app sees it: the real one, watched where JSON crosses the module's boundary, so that a test can record what an
// invocation was given and answered, and make one trap.
import { current } from './context.ts';

/** What crossed the boundary of one instance, in order. */
export interface Crossing {
  /** `start` or `resume`. */
  export: string;
  given: string;
  answered: string;
}

type Listener = (crossing: Crossing, instance: number) => void;

let listener: Listener | undefined;
let instances = 0;
let compiled = 0;

/** Tells `to` of everything that crosses the boundary from now on, with the number of the instance. */
export function record(to: Listener | undefined): void {
  listener = to;
}

/** How many modules were compiled and how many instances made in this process. */
export function made(): { modules: number; instances: number } {
  return { modules: compiled, instances };
}

type Boundary = {
  memory: WebAssembly.Memory;
  allocate(length: number): number;
} & Record<string, (address: number, length: number) => bigint>;

export function observedWebAssembly(): typeof WebAssembly {
  // Classes whose instances are the real ones: modules are counted, and the exports of instances watched.
  const Module = function (bytes: BufferSource) {
    compiled += 1;
    return new WebAssembly.Module(bytes);
  };
  const Instance = function (module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    instances += 1;
    const real = new WebAssembly.Instance(module, imports);
    return { exports: watch(real.exports as unknown as Boundary, instances) };
  };
  return { ...properties(WebAssembly), Module, Instance } as unknown as typeof WebAssembly;
}

// The real object's properties are not enumerable.
function properties(of: object): Record<string, unknown> {
  return Object.fromEntries(Object.getOwnPropertyNames(of).map((name) => [name, (of as Record<string, unknown>)[name]]));
}

function watch(exports: Boundary, instance: number): Boundary {
  const text = (address: number, length: number) => Buffer.from(exports.memory.buffer, address, length).toString();
  const watched = (name: 'start' | 'resume') => (address: number, length: number) => {
    const invocation = current();
    if (invocation?.trap && name === 'resume') {
      // More than the address space holds: the module's own allocation fails, and it traps.
      exports.allocate(0xffff_ffff);
    }
    const given = listener ? text(address, length) : '';
    const answer = exports[name]?.(address, length) ?? 0n;
    if (listener) {
      const packed = BigInt.asUintN(64, BigInt(answer));
      listener({ export: name, given, answered: text(Number(packed >> 32n), Number(packed & 0xffff_ffffn)) }, instance);
    }
    return answer;
  };
  return { ...exports, start: watched('start'), resume: watched('resume') } as unknown as Boundary;
}
