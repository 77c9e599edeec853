// The module as Forge runs it: real WebAssembly, a fresh instance for each call, documents in memory.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { test } from 'node:test';

import { file, instantiate, invoke, module } from './glue.mjs';
import { Platform } from './platform.mjs';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse('2026-11-23T09:00:00.000Z');

/** One site on one platform, with its own clock and reproducible randomness. */
class Site {
  platform = new Platform();
  now = START;
  #calls = 0;

  /** Runs one operation as somebody; a minute passes with each. */
  async call(caller, operation, input = {}, idempotency_key = undefined) {
    this.now += MINUTE;
    this.#calls += 1;
    const now = new Date(this.now).toISOString();
    const seed = createHash('sha256').update(`seed ${this.#calls}`).digest('hex');
    const who = typeof caller === 'string' ? caller : { person: { id: caller.id, signed_in_at: now } };
    return invoke(this.platform, { operation, caller: who, input, idempotency_key, now, seed });
  }

  /** The same, when it must succeed. */
  async done(...call) {
    const progress = await this.call(...call);
    assert.ok(progress.done, JSON.stringify(progress));
    return progress.done;
  }

  /** The same, when a rule must say no: with this code, and nothing changed. */
  async refused(code, ...call) {
    const before = this.platform.commits.length;
    const progress = await this.call(...call);
    assert.equal(progress.refused?.code, code, JSON.stringify(progress));
    assert.equal(this.platform.commits.length, before, 'a refusal commits nothing');
  }

  /** A site with four people, the starter catalogue, and a tool of medium risk that Owen owns. */
  static async furnished() {
    const site = new Site();
    await site.done('system', 'site.initialize');
    const person = async (name, role) => (await site.done('console', 'people.put', { name, role })).person;
    const ada = await person('Ada Admin', 'administrator');
    const owen = await person('Owen Owner', 'member');
    const rita = await person('Rita Requester', 'member');
    const mallory = await person('Mallory Member', 'member');
    const { added } = await site.done('console', 'catalog.load_starter');
    assert.ok(added >= 24, `${added} tools`);
    const { tool } = await site.done(ada, 'catalog.put', {
      name: 'Drafting Desk',
      vendor: 'Example Works',
      category: 'writing',
      summary: 'Drafts letters.',
      risk: 'medium',
      status: 'requestable',
      data_classes: ['public', 'internal'],
      owners: [owen.id],
      default_days: 30,
      max_days: 90,
    });
    return { site, ada, owen, rita, mallory, tool };
  }

  submit(requester, tool, key = undefined) {
    const input = { tool: tool.id, purpose: 'Answer customers in their language', data_classes: ['internal'], days: 30 };
    return this.done(requester, 'requests.submit', input, key);
  }
}

test('the module imports nothing and exports four functions and its memory', () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const names = WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind !== 'global')
    .map(({ name }) => name);
  assert.deepEqual(names.sort(), ['allocate', 'deallocate', 'memory', 'resume', 'start']);
  console.log(`# the module has ${statSync(file).size} bytes`);
});

test('a request becomes a grant by the right approver and ends in time, and the log tells it', async () => {
  const { site, ada, owen, rita, mallory, tool } = await Site.furnished();

  const { request, grant: none } = await site.submit(rita, tool);
  assert.equal(request.state, 'pending');
  assert.equal(none, undefined);

  const decision = { request: request.id, decision: 'approve', rationale: 'Needed for support' };
  await site.refused('not_signed_in', 'anonymous', 'approvals.decide', decision);
  await site.refused('not_found', mallory, 'approvals.decide', decision);
  const own = await site.call(rita, 'approvals.decide', decision);
  assert.ok(own.refused, `nobody decides what they asked for: ${JSON.stringify(own)}`);
  assert.deepEqual((await site.done(mallory, 'approvals.queue')).items, []);
  const queue = (await site.done(owen, 'approvals.queue')).items;
  assert.deepEqual(queue.map((item) => item.request.id), [request.id]);

  const decided = await site.done(owen, 'approvals.decide', decision);
  assert.equal(decided.request.state, 'approved');
  assert.equal(decided.grant.state, 'active');
  assert.equal(Date.parse(decided.grant.ends_at), site.now + 30 * DAY);
  const { items } = await site.done(rita, 'grants.list', { person: 'me' });
  assert.deepEqual(items.map(({ id, state }) => ({ id, state })), [{ id: decided.grant.id, state: 'active' }]);

  await site.refused('unknown_operation', ada, 'clockwork.run');
  assert.equal((await site.done('system', 'clockwork.run')).expired, 0);
  site.now += 30 * DAY;
  assert.equal((await site.done('system', 'clockwork.run')).expired, 1);
  const { grant } = await site.done(rita, 'grants.get', { grant: decided.grant.id });
  assert.equal(grant.state, 'ended');

  const kinds = site.platform.log.map((text) => JSON.parse(text).kind);
  const steps = ['site.initialized', 'request.submitted', 'request.approved', 'grant.activated', 'grant.ended'];
  assert.deepEqual(steps.filter((step) => !kinds.includes(step)), []);
  const [size, root] = [site.platform.log.length, site.platform.root()];
  const verified = await site.done(ada, 'audit.verify');
  assert.deepEqual({ ok: verified.ok, size: verified.size, root: verified.root }, { ok: true, size, root });
  assert.equal(site.platform.log.length, size + 1, 'that it was verified is in the log');
  assert.ok(!site.platform.log.join().includes('Rita'), 'the log names nobody');
});

test('a lost race runs the operation again with the same ids, and logs it once', async () => {
  const { site, rita, tool } = await Site.furnished();
  const logged = site.platform.log.length;
  const before = site.platform.commits.length;
  site.platform.loseRaces(1);
  const { request } = await site.submit(rita, tool);
  const [lost, won, ...more] = site.platform.commits.slice(before);
  assert.deepEqual(won, lost);
  assert.deepEqual(more, []);
  const kinds = site.platform.log.slice(logged).map((text) => JSON.parse(text).kind);
  assert.deepEqual(kinds.filter((kind) => kind === 'request.submitted'), ['request.submitted']);
  assert.ok(site.platform.documents('request').has(request.id));
});

test('a race lost again and again is a refusal that changes nothing', async () => {
  const { site, rita, tool } = await Site.furnished();
  const size = site.platform.log.length;
  site.platform.loseRaces(Infinity);
  const input = { tool: tool.id, purpose: 'Answer customers', data_classes: ['internal'], days: 30 };
  const progress = await site.call(rita, 'requests.submit', input);
  assert.equal(progress.refused?.code, 'conflict', JSON.stringify(progress));
  assert.equal(site.platform.log.length, size);
});

test('the same command under the same key is answered the same and done once', async () => {
  const { site, rita, tool } = await Site.furnished();
  const first = await site.submit(rita, tool, 'key 1');
  const size = site.platform.log.length;
  assert.deepEqual(await site.submit(rita, tool, 'key 1'), first);
  assert.equal(site.platform.log.length, size);
});

test('many things due at once are settled together', async () => {
  const { site, ada, owen, tool } = await Site.furnished();
  const count = 40;
  for (let number = 0; number < count; number += 1) {
    const { person } = await site.done('console', 'people.put', { name: `Person ${number}` });
    const { request } = await site.submit(person, tool);
    await site.done(owen, 'approvals.decide', { request: request.id, decision: 'approve' });
  }
  site.now += 31 * DAY;
  assert.equal((await site.done('system', 'clockwork.run')).expired, count);
  assert.ok(Math.max(...site.platform.batches) >= count, 'effects of one poll go out together');
  const root = site.platform.root();
  assert.equal((await site.done(ada, 'audit.verify')).root, root);
});

test('the clockwork publishes a checkpoint that the platform signs and anybody verifies', async () => {
  const { site, ada } = await Site.furnished();
  const [size, root] = [site.platform.log.length, site.platform.root()];
  assert.equal((await site.done('system', 'clockwork.run')).checkpoints, 1);
  const { checkpoint, origin, verifier_keys } = await site.done(ada, 'audit.checkpoint');
  // C2SP signed-note: text, empty line, `— name base64(key id || signature)`.
  const [text, line] = checkpoint.note.split('\n\n');
  assert.equal(text, `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}`);
  // Base64 may hold a `+` too.
  const [name, , ...parts] = verifier_keys[0].verifier.split('+');
  const key = parts.join('+');
  assert.equal(name, origin);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64').subarray(1)]);
  const signature = Buffer.from(line.trim().split(' ')[2], 'base64').subarray(4);
  assert.ok(verify(null, Buffer.from(`${text}\n`), createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature));
  assert.equal((await site.done('system', 'clockwork.run')).checkpoints, 0);
});

test('a person whom nobody knows is not signed in', async () => {
  const { site } = await Site.furnished();
  await site.refused('not_signed_in', { id: 'person_00000000000000000000000000' }, 'grants.list');
});

test('a store that fails is told to the host in full and to the caller in general', async () => {
  const { site, rita } = await Site.furnished();
  const outage = { perform: async (effects) => effects.map(({ id }) => ({ id, error: { code: 'unavailable', message: 'host db-7 is down' } })) };
  const progress = await invoke(outage, {
    operation: 'grants.list',
    caller: { person: { id: rita.id, signed_in_at: '2026-11-23T09:00:00.000Z' } },
    input: {},
    now: '2026-11-23T09:00:00.000Z',
    seed: '00'.repeat(32),
  });
  assert.equal(progress.failed.error.code, 'unavailable');
  assert.ok(progress.failed.cause.includes('host db-7 is down'));
  assert.ok(!JSON.stringify(progress.failed.error).includes('db-7'));
});

test('misuse of the boundary is answered, not damage', () => {
  const cause = (progress) => progress.failed?.cause ?? JSON.stringify(progress);
  assert.match(cause(instantiate().resume([])), /nothing waits/);
  assert.match(cause(instantiate().start({ operation: 'grants.list' })), /missing field/);

  const start = {
    operation: 'settings.get',
    caller: 'console',
    input: {},
    now: '2026-11-23T09:00:00.000Z',
    seed: '00'.repeat(32),
  };
  const instance = instantiate();
  const { effects } = instance.start(start);
  assert.deepEqual(effects, [{ id: 1, kind: 'get', entity: 'settings', key: 'site' }]);
  assert.match(cause(instance.start(start)), /fresh instance/);
  assert.match(cause(instance.resume([])), /effect 1 was not answered/);
  assert.match(cause(instance.resume([{ id: 1, ok: { row: null } }])), /nothing waits/, 'a failed instance stays failed');
});

test('a trap is an error of its call, and the next call is not touched by it', async () => {
  const { site, ada } = await Site.furnished();
  const instance = instantiate();
  // More than the address space holds: the module panics.
  assert.throws(() => instance.exports.allocate(0xffff_ffff), WebAssembly.RuntimeError);

  // No operation can be made to panic, so another instance's trap stands in for one between `start` and `resume`.
  const trapping = { perform: async () => instance.exports.allocate(0xffff_ffff) };
  const progress = await invoke(trapping, {
    operation: 'settings.get',
    caller: 'console',
    input: {},
    now: '2026-11-23T09:00:00.000Z',
    seed: '00'.repeat(32),
  });
  assert.match(progress.failed.cause, /the module trapped in settings\.get/);
  assert.ok((await site.done(ada, 'settings.get')).settings);
});
