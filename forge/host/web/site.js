// The site around a page of the app: gives the frame its bridge, and people a way to be somebody else.
const frame = document.querySelector('iframe');
const post = async (path, body) => {
  const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? 'There was an error invoking the function');
  return answer.result;
};

const say = (text) => {
  const flag = document.createElement('p');
  flag.textContent = text;
  document.getElementById('flags').append(flag);
};

const view = document.body.dataset.view;
const handlers = {
  showFlag: ({ title, description }) => say([title, description].filter(Boolean).join(': ')),
  closeFlag: () => true,
  navigate: ({ url }) => say(`would go to ${url}`),
  getUrl: () => location.href,
  reload: () => location.reload(),
  refresh: () => location.reload(),
  close: () => {
    document.body.dataset.closed = 'yes';
    return true;
  },
  openModal: () => say('would open a modal dialog'),
  getRoute: () => new URLSearchParams(location.hash.slice(1)).get('route') ?? document.body.dataset.route,
  route: ({ pathname, search, hash }) => {
    history.replaceState(null, '', `#route=${encodeURIComponent(pathname + search + hash)}`);
  },
  changeWindowTitle: ({ title }) => {
    document.title = title ?? '';
  },
  emitReadyEvent: () => true,
};

addEventListener('message', ({ data, source, ports: [port] }) => {
  if (data !== 'forge bridge' || source !== frame.contentWindow) return;
  port.onmessage = async ({ data: { id, name, payload } }) => {
    try {
      const result = handlers[name] ? handlers[name](payload) : await post(`/views/${view}/${name}`, payload ?? null);
      port.postMessage({ id, result });
    } catch (error) {
      port.postMessage({ id, error: error.message });
    }
  };
});

document.getElementById('person')?.addEventListener('change', ({ target }) => {
  const url = new URL(location.href);
  url.searchParams.set('account', target.value);
  location.assign(url);
});

document.getElementById('send')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    const { key } = await post(`/views/${view}/createRequest`, { summary: new FormData(event.target).get('summary') });
    say(`${key} was created`);
  } catch (error) {
    say(error.message);
  }
});
