// The platform at its worst: conflicts, refusals, silence, and events that come twice, late or never.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FaultKind } from '../../faults.ts';
import { asked, Company, DAY, MINUTE } from './company.ts';

const count = (kinds: string[], kind: string): number => kinds.filter((one) => one === kind).length;

for (const fault of ['conflict', 'rate_limited', 'timeout', 'unavailable', 'lost'] as FaultKind[]) {
  test(`a decision is made once, whatever happens to its commit: ${fault}`, async () => {
    const company = await Company.open();
    const { carl, owen, site } = company;
    const tool = await company.tool('Code agent', { risk: 'medium' });
    site.faults.add('kvs/transaction', fault, { times: 2 });
    const { request } = await carl.ok('requests.submit', asked(tool), { key: 'k1' });
    // The page asks again when it heard nothing: by its key that is one request.
    assert.equal((await carl.ok('requests.submit', asked(tool), { key: 'k1' })).request.id, request.id);
    site.faults.add('kvs/transaction', fault, { times: 2 });
    site.faults.add('kvs/entity/get', 'timeout', { times: 2 });
    const { grant } = await owen.ok('approvals.decide', { request: request.id, decision: 'approve' });
    assert.equal(grant.state, 'active');
    site.faults.clear();
    const kinds = await company.kinds();
    assert.deepEqual(['request.submitted', 'request.approved', 'grant.activated'].map((kind) => count(kinds, kind)), [1, 1, 1]);
    await company.verified();
  });
}

test('a platform that stays away is told as such, changes nothing, and is not waited for without end', async () => {
  const company = await Company.open();
  const { carl, site } = company;
  const tool = await company.tool('Note taker');
  // From the first call on somebody is a person here.
  await carl.ok('requests.list');
  const size = await company.verified();
  site.faults.add('kvs/transaction', 'unavailable', { times: 100 });
  assert.deepEqual(await carl.call('requests.submit', asked(tool)), { failed: { code: 'unavailable' } });
  site.faults.clear();
  assert.equal((await carl.ok('requests.list')).items.length, 0);
  // That it was verified is an entry itself.
  assert.equal(await company.verified(), size + 1);
});

test('events that come twice and late, and queues that do, harm nothing', async () => {
  const company = await Company.open();
  const { carl, ada, site } = company;
  site.duplicateEvents = true;
  site.queues.duplicate = true;
  site.queues.late = 3 * MINUTE;
  site.eventDelay = 4 * MINUTE;
  const seat = await company.tool('Seat', { fulfilment: { kind: 'manual' } });
  const { grant } = await carl.ok('requests.submit', asked(seat, 2));
  await company.owen.ok('grants.attest', { grant: grant.id });
  // Five days as they come on the platform would take long here: three looks do.
  for (const wait of [DAY, 2 * DAY, 10 * MINUTE]) {
    company.platform.skip(wait);
    for (let minute = 0; minute < 12; minute += 1) await company.skip(MINUTE);
  }
  assert.equal((await carl.ok('grants.get', { grant: grant.id })).grant.state, 'removing');
  await ada.ok('grants.attest', { grant: grant.id });
  const kinds = await company.kinds();
  assert.deepEqual(['grant.activated', 'grant.ended', 'site.initialized'].map((kind) => count(kinds, kind)), [1, 1, 1]);
  await company.verified();
});

test('a consumer that fails in the middle is repeated and does the rest', async () => {
  const company = await Company.open();
  const { carl, site, platform } = company;
  for (let number = 0; number < 3; number += 1) await carl.ok('requests.submit', asked(await company.tool(`Tool ${number}`), 1));
  platform.skip(2 * DAY);
  site.faults.add('kvs/transaction', 'unavailable', { times: 9, skip: 1 });
  await platform.deliver();
  assert.deepEqual(platform.failures.splice(0), [], 'it asks to come again, and does not fail');
  await company.skip(2 * MINUTE);
  await company.skip(5 * MINUTE);
  const { items } = await carl.ok('grants.list');
  assert.deepEqual(items.map(({ state }: { state: string }) => state), ['ended', 'ended', 'ended']);
  assert.equal(count(await company.kinds(), 'grant.ended'), 3);
  await company.verified();
});

test('queries that lag decide nothing', async () => {
  const company = await Company.open();
  const { carl, owen, site } = company;
  const tool = await company.tool('Code agent', { risk: 'medium' });
  site.storage.lag = 10 * MINUTE;
  const { request } = await carl.ok('requests.submit', asked(tool));
  await carl.refused('duplicate_request', 'requests.submit', asked(tool));
  assert.deepEqual((await owen.ok('approvals.queue')).items, [], 'the page is late');
  await owen.ok('approvals.decide', { request: request.id, decision: 'approve' });
  await owen.refused('request_state', 'approvals.decide', { request: request.id, decision: 'approve' });
  company.platform.skip(10 * MINUTE);
  assert.deepEqual((await owen.ok('approvals.queue')).items, []);
  await company.verified();
});
