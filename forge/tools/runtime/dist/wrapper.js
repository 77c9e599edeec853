'use strict';
// Stands in for the platform's own wrapper, which is not published: the bundler packs it as __forge_wrapper__.cjs. It installs the two
// globals that the platform's packages talk through, and runs one handler. `forge deploy` takes the real one instead.
//
// Each call of a package goes to FORGE_HOST_URL as a POST to /proxy, with what it is in headers:
//   forge-meta (JSON), forge-proxy-target (path), x-method, forge-proxy-authorization.
const { AsyncLocalStorage } = require('async_hooks');
const path = require('path');

const invocations = new AsyncLocalStorage();
const nativeFetch = globalThis.fetch;
const silent = () => ({ incr() {}, incrBy() {}, decr() {}, decrBy() {}, set() {}, measure: () => ({ stop() {} }) });
const metrics = { counter: silent, gauge: silent, timing: silent };

Object.defineProperty(globalThis, '__forge_runtime__', { configurable: true, get: () => invocations.getStore() });
globalThis.__forge_fetch__ = async (meta, target, init = {}) => {
  const runtime = invocations.getStore();
  if (!runtime) throw new Error('a call of the platform outside an invocation');
  const headers = new Headers(init.headers);
  headers.set('forge-meta', JSON.stringify(meta));
  headers.set('forge-proxy-target', String(target));
  headers.set('forge-proxy-authorization', `Bearer ${runtime.proxy.token}`);
  headers.set('x-method', init.method ?? 'GET');
  return nativeFetch(`${process.env.FORGE_HOST_URL}/proxy`, { method: 'POST', headers, body: init.body });
};
// Packages take `fetch` when they are loaded, so it must be replaced before.
globalThis.fetch = (url, init) => globalThis.__forge_fetch__({ type: 'egress' }, new URL(String(url?.url ?? url)).toString(), init);

exports.main = (event, lambdaContext) => {
  const dot = event.handler.lastIndexOf('.');
  const [file, name] = [event.handler.slice(0, dot), event.handler.slice(dot + 1)];
  const runtime = {
    tracing: { traceId: '0'.repeat(32), spanId: '0'.repeat(16) },
    realtime: {},
    externalAuth: [],
    featureFlags: () => false,
    ...event._meta,
    lambdaContext,
    metrics,
    container: { appCodeDir: __dirname },
  };
  return invocations.run(runtime, async () => {
    try {
      const handler = require(path.join(__dirname, `${file}.cjs`))[name];
      if (typeof handler !== 'function') throw new Error(`the bundle exports no ${name}`);
      return { success: true, body: await handler(event.body, event.context) };
    } catch (error) {
      return { success: false, error: { errorType: error.name, errorMessage: error.message, stack: error.stack } };
    }
  });
};
