// The web host without a browser; in one, `ui/tests` walk the app's pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebHost } from '../web/host.ts';
import { small } from './small.ts';

async function opened(account?: string) {
  const { platform } = small();
  const host = await WebHost.start(platform, `${import.meta.dirname}/small-app`);
  const page = await (await fetch(host.address({ module: 'admin', ...(account && { account }) }))).text();
  const frame = /<iframe [^>]*src="([^"]+)"/.exec(page)?.[1] ?? '';
  const id = /data-view="([^"]+)"/.exec(page)?.[1] ?? '';
  const ask = async (name: string, payload: unknown, origin = host.origin) => {
    const response = await fetch(`${host.origin}/views/${id}/${name}`, { method: 'POST', headers: { origin }, body: JSON.stringify(payload) });
    return { status: response.status, body: (await response.json()) as { result?: any; error?: string } };
  };
  return { host, page, frame, ask };
}

test('a page comes in a sandboxed frame of another origin under the computed policy, its bridge first', async () => {
  const { host, page, frame } = await opened('ada');
  try {
    assert.match(page, /sandbox="[^"]*allow-scripts/);
    assert.notEqual(new URL(frame).hostname, new URL(host.origin).hostname);
    const response = await fetch(frame);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self' https:\/\/forge\.cdn\.prod\.atlassian-dev\.net/);
    assert.ok(!/script-src[^;]*unsafe/.test(policy));
    const html = await response.text();
    assert.ok(html.indexOf('forge-bridge.js') < html.indexOf('page.js'));
    assert.equal((await fetch(new URL('forge-bridge.js', frame))).status, 200);
    assert.equal((await fetch(new URL('%2e%2e%2fmanifest.yml', frame))).status, 404, 'nothing beside the resource is served');
  } finally {
    host.close();
  }
});

test('the bridge calls functions as the person whose page it is, and nobody else calls it', async () => {
  const { host, ask } = await opened('ada');
  try {
    const call = { functionKey: 'run', payload: { source: '(payload, context) => [context.accountId, context.moduleKey]', accountId: 'rita' } };
    assert.deepEqual((await ask('invoke', call)).body.result.ok, ['ada', 'admin']);
    assert.equal((await ask('getContext', null)).body.result.accountId, 'ada');
    assert.equal((await ask('invoke', call, 'http://localhost:1')).status, 404);
    assert.equal((await ask('nonsense', null)).status, 400);
  } finally {
    host.close();
  }
});

test('an anonymous visitor reaches no function of an admin page', async () => {
  const { host, ask } = await opened();
  try {
    assert.match((await ask('invoke', { functionKey: 'run', payload: {} })).body.error ?? '', /UNAUTHORIZED/);
  } finally {
    host.close();
  }
});
