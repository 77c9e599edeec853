// Loads the app's functions as Atlassian's bundler wrote them, with the globals that Atlassian's runtime would give them.
//
// Each file is compiled with its own `Date`, timers, randomness, `fetch`, `console` and `WebAssembly`, so that time and randomness are the
// platform's, and the rest of this process keeps its own.
import * as nodeCrypto from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { compileFunction } from 'node:vm';

import { current } from './context.ts';
import { observedWebAssembly } from './module.ts';

type Exports = Record<string, unknown>;

/** The app's functions in one warm process. */
export class Bundle {
  readonly folder: string;
  #modules = new Map<string, { exports: Exports }>();
  #globals = appGlobals();

  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** The function that a handler (`file.export`) names. */
  handler(handler: string): (...arguments_: unknown[]) => unknown {
    const dot = handler.lastIndexOf('.');
    const found = this.#load(join(this.folder, handler.slice(0, dot)))[handler.slice(dot + 1)];
    if (typeof found !== 'function') throw new Error(`the bundle has no function ${handler}`);
    return found as (...arguments_: unknown[]) => unknown;
  }

  /** The size of its files that hold code, in bytes. */
  size(handler = 'index.'): number {
    return statSync(find(join(this.folder, handler.slice(0, handler.lastIndexOf('.'))))).size;
  }

  #load(path: string): Exports {
    const file = find(path);
    const known = this.#modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} as Exports };
    this.#modules.set(file, module);
    const native = createRequire(file);
    const require = (name: string): unknown => {
      if (name === 'crypto' || name === 'node:crypto') return this.#globals['crypto:module'];
      return name.startsWith('.') && !name.endsWith('.json') ? this.#load(join(dirname(file), name)) : native(name);
    };
    const scope = Object.entries(this.#globals).filter(([name]) => !name.includes(':'));
    const names = ['exports', 'require', 'module', '__filename', '__dirname', ...scope.map(([name]) => name)];
    const code = compileFunction(readFileSync(file, 'utf8'), names, { filename: file, importModuleDynamically: undefined });
    code.call(module.exports, module.exports, require, module, file, dirname(file), ...scope.map(([, value]) => value));
    return module.exports;
  }
}

function find(path: string): string {
  for (const candidate of [path, `${path}.cjs`, `${path}.js`]) {
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
  }
  throw new Error(`there is no ${path}.cjs; build the app first`);
}

function appGlobals(): Record<string, unknown> {
  const now = () => current()?.clock.now() ?? Date.now();
  class AppDate extends Date {
    constructor(...parts: [] | ConstructorParameters<typeof Date>) {
      if (parts.length === 0) super(now());
      else super(...(parts as ConstructorParameters<typeof Date>));
    }

    static override now(): number {
      return now();
    }
  }
  const sleep = (callback: (...with_: unknown[]) => void, milliseconds = 0, ...with_: unknown[]) => {
    const invocation = current();
    if (!invocation) return setTimeout(callback, milliseconds, ...with_);
    const timer = { cancelled: false, unref: () => timer, ref: () => timer };
    void invocation.clock.sleep(milliseconds).then(() => timer.cancelled || callback(...with_));
    return timer;
  };
  const stop = (timer: { cancelled?: boolean } | undefined) => {
    if (timer && 'cancelled' in timer) timer.cancelled = true;
    else clearTimeout(timer as NodeJS.Timeout | undefined);
  };
  const bytes = (count: number) => current()?.random.bytes(count) ?? nodeCrypto.randomBytes(count);
  const fill = <Buffer_ extends NodeJS.ArrayBufferView>(buffer: Buffer_): Buffer_ => {
    new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).set(bytes(buffer.byteLength));
    return buffer;
  };
  const uuid = () => current()?.random.uuid() ?? nodeCrypto.randomUUID();
  const webcrypto = { subtle: nodeCrypto.webcrypto.subtle, getRandomValues: fill, randomUUID: uuid };
  const call = (...arguments_: Parameters<typeof globalThis.fetch>) => {
    const [input, init] = arguments_;
    const invocation = current();
    if (!invocation) throw new Error('fetch outside an invocation');
    const url = new URL(input instanceof Request ? input.url : String(input)).toString();
    return invocation.fetch({ type: 'egress' }, url, init ?? {});
  };
  const line = (level: string) => (...parts: unknown[]) => {
    const text = parts.map((part) => (typeof part === 'string' ? part : part instanceof Error ? part.stack : JSON.stringify(part))).join(' ');
    const invocation = current();
    if (invocation) invocation.log(level, text);
    else console.error(text);
  };
  const levels = ['log', 'info', 'warn', 'error', 'debug', 'trace'];
  return {
    Date: AppDate,
    setTimeout: sleep,
    clearTimeout: stop,
    crypto: webcrypto,
    'crypto:module': { ...nodeCrypto, randomBytes: bytes, randomFillSync: fill, getRandomValues: fill, randomUUID: uuid, webcrypto },
    fetch: call,
    console: Object.fromEntries(levels.map((level) => [level, line(level)])),
    WebAssembly: observedWebAssembly(),
  };
}
