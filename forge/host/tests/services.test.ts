// Queues, schedules, events, Jira, remote and egress, through Atlassian's own packages.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';

import type { Installation } from '../installation.ts';
import type { Platform } from '../platform.ts';
import { run, small } from './small.ts';

const kept = async (platform: Platform, site: Installation, name: string): Promise<any[]> =>
  (await run(platform, site, async (payload) => (await kvs.get(payload)) ?? [], name)).ok;

test('events wait for their delay, and come again when the consumer asks or fails', async () => {
  const { platform, site } = small();
  const start = platform.clock.now();
  const { ok } = await run(platform, site, async () => {
    const queue = new Queue({ key: 'work' });
    const { jobId } = await queue.push([{ body: { name: 'late' }, delayInSeconds: 90 }, { body: { name: 'again', again: 2 } }, { body: { name: 'fails', fails: true } }]);
    return { jobId, stats: await queue.getStats(jobId) };
  });
  assert.deepEqual(ok.stats, { success: 0, inProgress: 3, failed: 0 });
  await platform.advance(600_000);
  const seen = (await kept(platform, site, 'seen-queue')).map(({ at, body, retryContext }) => [body.name, (at - start) / 1_000, retryContext?.retryCount ?? 0]);
  assert.deepEqual(seen, [['again', 0, 0], ['fails', 0, 0], ['fails', 5, 1], ['again', 30, 1], ['again', 60, 2], ['late', 90, 0]]);
  const stats = await run(platform, site, (job) => new Queue({ key: 'work' }).getStats(job), ok.jobId);
  assert.deepEqual(stats.ok, { success: 3, inProgress: 0, failed: 0 });
});

test('a push is limited in number and size, and a chain of pushes in length', async () => {
  const { platform, site } = small();
  const push = (source: () => unknown) => run(platform, site, source);
  assert.equal((await push(() => new Queue({ key: 'other' }).push({ body: {} }))).error?.message.includes('400'), true);
  assert.equal((await push(() => new Queue({ key: 'work' }).push({ body: { text: 'x'.repeat(210 * 1024) } }))).error?.message.includes('maximum payload'), true);
  const event = { body: {}, jobId: 'a', queueName: 'work', payload: [{ body: {} }] };
  assert.equal(site.queues.perform('publish', event, 999).status, 201);
  assert.throws(() => site.queues.perform('publish', event, 1_000), { status: 405 });
  const full = { ...event, payload: Array.from({ length: 50 }, () => ({ body: {} })) };
  for (let push = 0; push < 9; push += 1) site.queues.perform('publish', full, 0);
  assert.throws(() => site.queues.perform('publish', full, 0), { status: 429 }, '501 in a minute');
});

test('events may come twice and late', async () => {
  const { platform, site } = small();
  site.queues.duplicate = true;
  site.queues.late = 60_000;
  await run(platform, site, () => new Queue({ key: 'work' }).push({ body: { name: 'x' } }));
  await platform.advance(59_000);
  assert.equal((await kept(platform, site, 'seen-queue')).length, 0);
  await platform.advance(1_000);
  assert.equal((await kept(platform, site, 'seen-queue')).length, 2);
});

test('schedules run at their interval', async () => {
  const { platform, site } = small();
  const start = platform.clock.now();
  await platform.advance(16 * 60_000);
  assert.deepEqual((await kept(platform, site, 'seen-schedules')).map(({ at }) => (at - start) / 60_000), [5, 10, 15]);
});

test('people cause events, the app itself does not', async () => {
  const { platform, site } = small();
  site.jira.project('HELP', 'Help desk');
  const issue = site.jira.issue('HELP', { summary: 'Access', reporter: 'rita' });
  platform.tellIssue(site, 'created', issue);
  await platform.deliver();
  const { ok } = await run(platform, site, async (id) => {
    const jira = api.asApp();
    const read = await (await jira.requestJira(route`/rest/api/3/issue/${id}`)).json();
    const moved = await jira.requestJira(route`/rest/api/3/issue/${id}/transitions`, { method: 'POST', body: JSON.stringify({ transition: { id: '31' } }) });
    const said = await jira.requestJira(route`/rest/api/3/issue/${id}/comment`, { method: 'POST', body: JSON.stringify({ body: { type: 'doc' }, properties: [{ key: 'sd.public.comment', value: { internal: true } }] }) });
    return [read.fields.reporter.accountId, moved.status, said.status];
  }, issue.id);
  assert.deepEqual(ok, ['rita', 204, 201]);
  assert.deepEqual([issue.status.name, issue.comments[0]?.internal], ['Done', true]);
  await platform.deliver();
  assert.deepEqual((await kept(platform, site, 'seen-events')).map(({ type }) => type), ['avi:jira:created:issue']);
});

test('a call whose scope the manifest lacks is refused, and nobody acts as another', async () => {
  const { platform, site } = small();
  const { ok } = await run(platform, site, async () => {
    const lacks = await api.asApp().requestJira(route`/rest/servicedeskapi/request/1`);
    const other = await api.asUser('rita').requestJira(route`/rest/api/3/myself`);
    const self = await (await api.asUser().requestJira(route`/rest/api/3/myself`)).json();
    return [lacks.status, other.status, self.accountId];
  });
  assert.deepEqual(ok, [401, 403, 'ada']);
});

test('who administers and who has the permission of the app is asked as the person', async () => {
  const { platform, site } = small();
  site.jira.accounts.get('rita')?.permissions.add('auditor');
  const ask = (as: string) =>
    run(platform, site, async () => {
      const response = await api.asUser().requestJira(route`/rest/api/3/mypermissions?permissions=${'ADMINISTER,ari:cloud:ecosystem::extension/a/b/static/auditor'}`);
      return Object.values((await response.json()).permissions).map((one: any) => one.havePermission);
    }, {}, as);
  assert.deepEqual((await ask('ada')).ok, [true, false]);
  assert.deepEqual((await ask('rita')).ok, [false, true]);
});

test('customers reach what is meant for them only', async () => {
  const { platform, site } = small();
  const who = (as: string, module: string) => run(platform, site, (_, context) => context.accountId, {}, as, module);
  assert.equal((await who('carl', 'footer')).ok, 'carl');
  await assert.rejects(who('carl', 'admin'), /UNAUTHORIZED/);
  await assert.rejects(run(platform, site, () => 1, 'x'.repeat(600 * 1024)), /PAYLOAD_TOO_LARGE/);
});

test('calls to the remote carry a token that its key verifies', async () => {
  const { platform, site } = small();
  let seen: globalThis.Request | undefined;
  platform.outside.remotes.set('core', async (request) => {
    seen = request;
    return Response.json({ echo: await request.text() });
  });
  const { ok, error } = await run(platform, site, async () => (await api.invokeRemote('core', { path: '/v1/jobs', method: 'POST', body: 'hello' })).json());
  assert.deepEqual(ok, { echo: 'hello' }, JSON.stringify(error));
  const [header, payload, signature] = (seen?.headers.get('authorization') ?? '').replace('Bearer ', '').split('.');
  const key = createPublicKey({ key: platform.signer.jwks().keys[0] as unknown as import('node:crypto').JsonWebKey, format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url')));
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  assert.deepEqual([claims.aud, claims.app.installationId, claims.principal, claims.exp - claims.iat], [platform.manifest.appId, site.id, 'ada', 25]);
  assert.match((await run(platform, site, () => api.invokeRemote('elsewhere', { path: '/' }))).error?.message ?? '', /Invalid remote key/);
});

test('only allowed hosts are fetched from', async () => {
  const { platform, site } = small();
  platform.outside.egress = (request) => Response.json({ host: new URL(request.url).host });
  assert.deepEqual((await run(platform, site, async () => (await fetch('https://allowed.example.com/x')).json())).ok, { host: 'allowed.example.com' });
  assert.equal((await run(platform, site, async () => (await fetch('https://evil.example.com/x')).status)).ok, 403);
});

test('two tenants overlap in one process and see their own', async () => {
  const { platform, site } = small();
  const other = platform.install('other');
  other.jira.account('ada', 'Another Ada');
  platform.latency = 10;
  const write = (at: Installation, value: string) =>
    run(platform, at, async (payload) => {
      for (let n = 0; n < 20; n += 1) {
        await kvs.set('mine', payload);
        if ((await kvs.get('mine')) !== payload) throw new Error('somebody else wrote this');
      }
      return kvs.get('mine');
    }, value);
  const both = await Promise.all([write(site, 'one'), write(other, 'two')]);
  assert.deepEqual(both.map(({ ok }) => ok), ['one', 'two']);
});

test('what takes longer than its function may is ended', async () => {
  const { platform, site } = small();
  platform.latency = 10_000;
  const read = (times: number) => run(platform, site, async (count) => { for (let n = 0; n < count; n += 1) await kvs.get('a'); }, times);
  assert.equal((await read(2)).error, undefined);
  await assert.rejects(read(3), /timed out/);
});
