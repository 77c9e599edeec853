// The bridge of a page in a frame: what Atlassian's global-bridge.js is in production. It runs before the page's own scripts, which take
// `callBridge` when they load, and talks to the site around the frame over a channel.
(() => {
  const waiting = new Map();
  const listeners = new Map();
  const { port1: port, port2 } = new MessageChannel();
  let calls = 0;

  const tell = (event, payload) => (listeners.get(event) ?? []).forEach((listener) => listener(payload));
  port.onmessage = ({ data }) => {
    if (data.event) return tell(data.event, data.payload);
    const { done, failed } = waiting.get(data.id);
    waiting.delete(data.id);
    return data.error === undefined ? done(data.result) : failed(new Error(data.error));
  };
  parent.postMessage('forge bridge', '*', [port2]);

  const ask = (name, payload) =>
    new Promise((done, failed) => {
      calls += 1;
      waiting.set(calls, { done, failed });
      port.postMessage({ id: calls, name, payload });
    });

  const subscribe = ({ event, callback }) => {
    listeners.set(event, [...(listeners.get(event) ?? []), callback]);
    return { unsubscribe: () => listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== callback)) };
  };

  // Where the page is within the site's address. The site shows it, and reloads come back to it.
  const createHistory = async () => {
    const heard = new Set();
    const parse = (to) => {
      const url = new URL(typeof to === 'string' ? to : `${to.pathname ?? '/'}${to.search ?? ''}${to.hash ?? ''}`, 'https://site.invalid/');
      return { pathname: url.pathname, search: url.search, hash: url.hash, key: String(Math.random()), state: to.state ?? null };
    };
    const entries = [parse((await ask('getRoute')) || '/')];
    let at = 0;
    const history = {
      // The page's package sets these two itself, too, when it is told of a move.
      location: entries[at],
      action: 'POP',
      length: 1,
      createHref: (to) => (typeof to === 'string' ? to : (to.pathname ?? '/')),
      listen: (listener) => {
        heard.add(listener);
        return () => heard.delete(listener);
      },
      push: (to) => {
        entries.splice(at + 1, Infinity, parse(to));
        move('PUSH', 1);
      },
      replace: (to) => {
        entries[at] = parse(to);
        move('REPLACE', 0);
      },
      go: (delta) => entries[at + delta] && move('POP', delta),
      back: () => history.go(-1),
      goBack: () => history.go(-1),
      forward: () => history.go(1),
      goForward: () => history.go(1),
    };
    const move = (action, delta) => {
      at += delta;
      history.location = entries[at];
      history.action = action;
      history.length = entries.length;
      void ask('route', history.location);
      heard.forEach((listener) => listener(history.location, action));
    };
    return history;
  };

  const local = {
    on: subscribe,
    onPublic: subscribe,
    emit: async ({ event, payload }) => tell(event, payload),
    emitPublic: async ({ event, payload }) => tell(event, payload),
    onClose: () => true,
    createHistory,
    enableTheming: async () => {
      const { theme } = await ask('getContext');
      Object.assign(document.documentElement.dataset, { colorMode: theme.colorMode, theme: 'light:light dark:dark spacing:spacing' });
    },
  };
  globalThis.__bridge = { callBridge: async (name, payload) => (local[name] ? local[name](payload) : ask(name, payload)) };

  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    void ask('violation', { directive: violatedDirective, blocked: blockedURI, sample });
  });
  addEventListener('error', ({ message }) => void ask('pageError', { message }));
  addEventListener('unhandledrejection', ({ reason }) => void ask('pageError', { message: String(reason?.message ?? reason) }));
})();
