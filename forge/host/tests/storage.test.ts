// Storage through Atlassian's own package.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { run, small } from './small.ts';

test('values, secrets and entities keep apart and come back as they were', async () => {
  const { platform, site } = small();
  const { ok } = await run(platform, site, async () => {
    await kvs.set('a', { plain: 1 });
    await kvs.setSecret('a', 'hidden');
    await kvs.entity('order').set('a', { customer: 'c', total: 1 });
    return [await kvs.get('a'), await kvs.getSecret('a'), await kvs.entity('order').get('a'), await kvs.get('none')];
  });
  assert.deepEqual(ok, [{ plain: 1 }, 'hidden', { customer: 'c', total: 1 }, null]);
  const { ok: left } = await run(platform, site, async () => {
    await kvs.delete('a');
    await kvs.delete('never');
    return [await kvs.get('a'), await kvs.getSecret('a')];
  });
  assert.deepEqual(left, [null, 'hidden']);
  assert.ok(!site.storage.dump().includes('hidden'), 'secrets are not listed');
});

test('what is made once is made once', async () => {
  const { platform, site } = small();
  const make = () => run(platform, site, () => kvs.entity('order').set('a', { total: 1 }, { keyPolicy: 'FAIL_IF_EXISTS' }));
  assert.equal((await make()).error, undefined);
  const { error } = await make();
  assert.deepEqual([error?.code, error?.status], ['KEY_CONFLICT', 409]);
});

test('sizes, keys and types are kept to', async () => {
  const { platform, site } = small();
  const refused: [string, (payload: string) => unknown, string?][] = [
    ['INVALID_KEY', () => kvs.set('a/b', 1)],
    ['KEY_TOO_LONG', () => kvs.set('k'.repeat(501), 1)],
    ['MAX_SIZE', (value) => kvs.set('a', value), 'v'.repeat(240 * 1024)],
    ['INVALID_ENTITY_NAME', () => kvs.entity('nothing').set('a', {})],
    ['INVALID_ENTITY_ATTRIBUTE', () => kvs.entity('order').set('a', { colour: 'red' })],
    ['INVALID_ENTITY_ATTRIBUTE_TYPE', () => kvs.entity('order').set('a', { total: 2_147_483_648 })],
    ['INVALID_ENTITY_ATTRIBUTE_TYPE', () => kvs.entity('order').set('a', { total: 0.5 })],
    ['INVALID_ENTITY_ATTRIBUTE_TYPE', () => kvs.entity('order').set('a', { customer: 7 })],
    ['INVALID_INDEX', () => kvs.entity('order').query().index('by-colour').getMany()],
    ['INVALID_PARTITION', () => kvs.entity('order').query().index('by-customer').getMany()],
    ['QUERY_PAGE_LIMIT_NOT_IN_RANGE', () => kvs.query().limit(101).getMany()],
  ];
  for (const [code, source, payload] of refused) {
    assert.equal((await run(platform, site, source, payload)).error?.code, code, source.toString());
  }
  const { error } = await run(platform, site, () => kvs.set('a', 'v'.repeat(240 * 1024 - 2)));
  assert.equal(error, undefined, 'the largest value is taken');
});

test('an index gives its partition in the order of its range, page by page', async () => {
  const { platform, site } = small();
  const { ok } = await run(platform, site, async () => {
    for (let total = 0; total < 25; total += 1) {
      await kvs.entity('order').set(`o-${total}`, { customer: total % 2 ? 'odd' : 'even', total: (total * 7) % 25 });
    }
    const seen: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      let query = kvs.entity('order').query().index('by-customer', { partition: ['odd'] }).where(WhereConditions.greaterThan(4)).sort('DESC').limit(5);
      if (cursor) query = query.cursor(cursor);
      const page = await query.getMany();
      seen.push(...page.results.map((row: any) => row.value.total));
      cursor = page.nextCursor;
      pages += 1;
    } while (cursor);
    return { seen, pages };
  });
  const expected = Array.from({ length: 25 }, (_, n) => n).filter((n) => n % 2).map((n) => (n * 7) % 25).filter((n) => n > 4).sort((a, b) => b - a);
  assert.deepEqual(ok, { seen: expected, pages: Math.ceil(expected.length / 5) });
});

test('a transaction is done whole or not at all', async () => {
  const { platform, site } = small();
  const { ok, error } = await run(platform, site, async () => {
    const order = (revision: number) => ({ entityName: 'order', conditions: new Filter().and('total', FilterConditions.equalTo(revision)) });
    await kvs.entity('order').set('head', { total: 1 });
    await kvs.transact().set('head', { total: 2 }, order(1)).set('entry', { total: 9 }, { entityName: 'order' }).execute();
    const lost = await kvs.transact().set('head', { total: 2 }, order(1)).set('other', { total: 9 }, { entityName: 'order' }).execute().catch((error: Error & { code: string }) => error.code);
    const fresh = { entityName: 'order', conditions: new Filter().and('total', FilterConditions.notExists()) };
    const made = await kvs.transact().set('head', { total: 5 }, fresh).execute().catch((error: Error & { code: string }) => error.code);
    await kvs.transact().check('head', order(2)).delete('entry', { entityName: 'order' }).execute();
    return [lost, made, await kvs.entity('order').get('head'), (await kvs.entity('order').get('entry')) ?? null, (await kvs.entity('order').get('other')) ?? null];
  });
  assert.equal(error, undefined);
  assert.deepEqual(ok, ['CONDITIONAL_CHECK_FAILED', 'CONDITIONAL_CHECK_FAILED', { total: 2 }, null, null]);
});

test('a transaction has 25 operations of different keys at most', async () => {
  const { platform, site } = small();
  const transact = (keys: string[]) =>
    run(platform, site, (payload) => payload.reduce((all: any, key: string) => all.set(key, 1), kvs.transact()).execute(), keys);
  const keys = Array.from({ length: 26 }, (_, n) => `k${n}`);
  assert.equal((await transact(keys.slice(0, 25))).error, undefined);
  assert.equal((await transact(keys)).error?.code, 'MAX_OPERATIONS');
  assert.equal((await transact(['a', 'a'])).error?.code, 'DUPLICATE_KEY');
});

test('queries may lag; reads by key do not', async () => {
  const { platform, site } = small();
  site.storage.lag = 60_000;
  const look = () =>
    run(platform, site, async () => [
      (await kvs.entity('order').query().index('total').getMany()).results.map((row: any) => row.value.total),
      (await kvs.entity('order').get('a'))?.total,
    ]);
  await run(platform, site, () => kvs.entity('order').set('a', { total: 1 }));
  assert.deepEqual((await look()).ok, [[], 1]);
  await platform.advance(60_000);
  assert.deepEqual((await look()).ok, [[1], 1]);
  await run(platform, site, () => kvs.entity('order').set('a', { total: 2 }));
  assert.deepEqual((await look()).ok, [[1], 2]);
  await run(platform, site, () => kvs.entity('order').delete('a'));
  assert.deepEqual((await look()).ok, [[1], null]);
  await platform.advance(60_000);
  assert.deepEqual((await look()).ok, [[], null]);
});

test('the units of a minute are limited', async () => {
  const { platform, site } = small();
  const write = () => run(platform, site, async () => { for (let n = 0; n < 500; n += 1) await kvs.set(`k${n % 10}`, 'v'.repeat(90_000)); });
  assert.equal((await write()).error?.code, 'TOO_MANY_REQUESTS');
  await platform.advance(60_000);
  assert.equal((await run(platform, site, () => kvs.set('a', 1))).error, undefined);
});

test('faults come as often as they were asked for', async () => {
  const { platform, site } = small();
  site.faults.add('kvs/transaction', 'conflict', { times: 2, skip: 1 });
  const write = () => run(platform, site, () => kvs.transact().set('a', 1).execute());
  const codes = [];
  for (let n = 0; n < 4; n += 1) codes.push((await write()).error?.code);
  assert.deepEqual(codes, [undefined, 'CONDITIONAL_CHECK_FAILED', 'CONDITIONAL_CHECK_FAILED', undefined]);
  site.faults.add('kvs/set', 'lost');
  assert.match((await run(platform, site, () => kvs.set('b', 2))).error?.message ?? '', /fetch failed/);
  assert.equal((await run(platform, site, () => kvs.get('b'))).ok, 2, 'it was done, only the answer was lost');
});

test('an expired value is gone', async () => {
  const { platform, site } = small();
  await run(platform, site, () => kvs.set('a', 1, { ttl: { value: 1, unit: 'MINUTES' } }));
  assert.equal((await run(platform, site, () => kvs.get('a'))).ok, 1);
  await platform.advance(60_000);
  assert.equal((await run(platform, site, async () => (await kvs.get('a')) ?? null)).ok, null);
});

test('a batch does what it can', async () => {
  const { platform, site } = small();
  const { ok } = await run(platform, site, async () => {
    const set = await kvs.batchSet([{ key: 'a', value: 1 }, { key: 'b/c', value: 2 }]);
    const got = await kvs.batchGet([{ key: 'a' }, { key: 'none' }]);
    return { set, got: got.successfulKeys.map((row: any) => row.value), failed: got.failedKeys.map((row: any) => row.error.code) };
  });
  assert.equal(ok.set.failedKeys[0].error.code, 'INVALID_KEY');
  assert.deepEqual([ok.got, ok.failed], [[1], ['KEY_NOT_FOUND']]);
});
