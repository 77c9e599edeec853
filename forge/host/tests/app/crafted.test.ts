// Calls that no page of ours would make: each is refused, logged, and leaves everything as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asked, Company, OPERATIONS } from './company.ts';

/** Host operations and events: the platform's own, whoever asks. */
const OF_THE_PLATFORM = [
  'site.initialize',
  'clockwork.run',
  'provisioning.run',
  'drift.run',
  'log.pack',
  'notices.send',
  'people.report_accounts',
  'site.uninstalling',
  'people.account_deleted',
  'intake.issue_created',
  'intake.issue_updated',
  'intake.issue_deleted',
  'issues.may_complete',
];

test('the portal reaches nothing of administrators, nor does anybody what is the platform’s', async () => {
  const company = await Company.open();
  const { carl, owen, ada } = company;
  const before = company.site.storage.dump();
  const known = await company.person(carl);
  const forbidden = [
    ...OPERATIONS.admin.filter((name) => !OPERATIONS.portal.includes(name)).map((name) => [carl, name] as const),
    ...OPERATIONS.admin.filter((name) => !OPERATIONS.app.includes(name)).map((name) => [owen, name] as const),
    ...[carl, owen, ada].flatMap((caller) => OF_THE_PLATFORM.map((name) => [caller, name] as const)),
  ];
  assert.ok(forbidden.length > 100, String(forbidden.length));
  company.logged();
  const stored = company.site.storage.dump();
  for (const [caller, name] of forbidden) await caller.refused('unknown_operation', name, { person: known });
  assert.equal(company.site.storage.dump(), stored);
  assert.notEqual(before, stored);
  const lines = company.logged();
  assert.equal(lines.length, forbidden.length);
  for (const line of lines) assert.deepEqual([line['event'], line['code']], ['call_refused', 'unknown_operation']);
});

test('what a page says of who calls is not listened to', async () => {
  const company = await Company.open();
  const { carl, owen, ada } = company;
  const tool = await company.tool('Note taker');
  await carl.ok('requests.submit', asked(tool));
  const eve = company.as('eve', 'portal-access');
  const [carls, eves] = [await company.person(carl), await company.person(eve)];
  assert.notEqual(carls, eves);
  // Whatever is put beside operation and input.
  const caller = { account: { id: 'carl', administrator: true, auditor: true, licensed: true, surface: 'admin' } };
  const forged = { context: { accountId: 'carl', moduleKey: 'admin' }, accountId: 'carl', principal: { accountId: 'carl' }, caller, now: '2036-01-01T00:00:00.000Z' };
  const own = await eve.send({ operation: 'grants.list', input: {}, ...forged });
  assert.deepEqual(own.ok?.items, []);
  assert.equal((await eve.send({ operation: 'people.list', input: {}, ...forged })).refused?.code, 'unknown_operation');
  // Within the input, fields that no operation has.
  for (const more of [{ caller }, { accountId: 'carl' }, { context: forged.context }, { __proto__: null, constructor: { prototype: { administrator: true } } }]) {
    await eve.refused('malformed_input', 'grants.list', more);
  }
  // Ids of others, where an operation takes one.
  for (const [operation, input] of [
    ['grants.list', { person: carls }],
    ['requests.list', { requester: carls }],
    ['issues.get', { issue: '10001' }],
  ] as const) {
    const answer = await eve.call(operation, input);
    assert.ok(answer.refused || answer.ok.items.length === 0, `${operation}: ${JSON.stringify(answer)}`);
  }
  // A licensed user whose page is that of administrators: Jira says no, at every call.
  company.logged();
  await company.as('owen', 'admin').refused('forbidden', 'people.list');
  await company.as('owen', 'admin').refused('forbidden', 'catalog.list');
  assert.deepEqual(company.logged().map(({ surface, code }) => [surface, code]), [['admin', 'forbidden'], ['admin', 'forbidden']]);
  // An administrator who is not one any more is not one at the next call.
  const admin = company.site.jira.accounts.get('ada');
  assert.ok(admin);
  await ada.ok('people.list');
  admin.administrator = false;
  await ada.refused('forbidden', 'people.list');
  // A customer does not reach the function of administrators at all, and nobody one that does not exist.
  await assert.rejects(company.as('carl', 'admin').call('people.list'), /UNAUTHORIZED/);
  await assert.rejects(company.platform.call(company.site, 'portal-access', 'carl', 'admin', {}), /error invoking/);
  await owen.refused('not_permitted', 'audit.entries');
});

test('an anonymous visitor asks for nothing', async () => {
  const company = await Company.open();
  const tool = await company.tool('Note taker');
  const { platform, site } = company;
  const call = (operation: string, input: unknown) => platform.call(site, 'portal-create', undefined, 'operation', { operation, input });
  company.logged();
  for (const [operation, input] of [['intake.draft', asked(tool)], ['requests.submit', asked(tool)], ['catalog.list', {}]] as const) {
    assert.equal(((await call(operation, input)) as any).refused.code, 'not_signed_in');
  }
  assert.deepEqual(company.logged().map(({ code }) => code), ['not_signed_in', 'not_signed_in', 'not_signed_in']);
});

test('what is no call, or too large, is refused before the rules run', async () => {
  const company = await Company.open();
  const { carl } = company;
  const before = company.site.counters.snapshot()['kvs/entity/get']?.calls;
  company.logged();
  const large = 'x'.repeat(420 * 1024);
  const payloads: [string, unknown][] = [
    ['malformed', null],
    ['malformed', []],
    ['malformed', 'grants.list'],
    ['malformed', { operation: 7, input: {} }],
    ['malformed', { operation: ['grants.list'], input: {} }],
    ['malformed', { operation: 'grants.list', input: null }],
    ['malformed', { operation: 'grants.list', input: [] }],
    ['malformed', { operation: 'grants.list', input: 'all' }],
    ['malformed', { operation: 'grants.list', input: {}, idempotency_key: 'k'.repeat(201) }],
    ['malformed', { operation: 'grants.list', input: {}, idempotency_key: { toString: 'k' } }],
    ['unknown_operation', { operation: '__proto__', input: {} }],
    ['unknown_operation', { operation: 'constructor', input: {} }],
    ['unknown_operation', { operation: 'grants.list\n', input: {} }],
    ['too_large', { operation: 'requests.submit', input: { purpose: large } }],
  ];
  for (const [code, payload] of payloads) assert.equal((await carl.send(payload)).refused?.code, code, JSON.stringify(payload).slice(0, 80));
  assert.equal(company.site.counters.snapshot()['kvs/entity/get']?.calls, before, 'nothing was read');
  const lines = company.logged();
  assert.deepEqual(lines.map(({ code }) => code), payloads.map(([code]) => code));
  assert.ok(!JSON.stringify(lines).includes('xxxx') && !JSON.stringify(lines).includes('__proto__'), 'a line repeats nothing that was sent');
  await assert.rejects(carl.send({ operation: 'requests.submit', input: { purpose: large + large } }), /PAYLOAD_TOO_LARGE/);
  // Within the limit of a call, the limits of each text hold.
  const tool = await company.tool('Note taker');
  await carl.refused('malformed_input', 'requests.submit', { ...asked(tool), purpose: 'x'.repeat(300 * 1024) });
});

test('no line of the log names a person, an account, a text or a token', async () => {
  const company = await Company.open();
  const { carl, ada } = company;
  const tool = await company.tool('Note taker');
  await carl.ok('requests.submit', asked(tool));
  await carl.refused('malformed_input', 'requests.submit', { ...asked(tool), more: 'a secret text' });
  await ada.call('core.pair', { code: 'pair_not-a-code' });
  company.site.faults.add('kvs/entity/get', 'unavailable', { times: 3 });
  await carl.call('grants.list');
  const text = company.site.log.map((line) => line.text).join('\n');
  assert.ok(text.length > 0);
  for (const trace of ['carl', 'Carl', 'ada"', 'marimba', 'a secret text', 'pair_', 'Bearer']) assert.ok(!text.includes(trace), `${trace} in ${text}`);
});
