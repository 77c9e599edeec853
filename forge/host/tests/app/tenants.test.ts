// Many installations in one warm process.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { made } from '../../runtime/module.ts';
import { asked, Company, DAY } from './company.ts';

test('two tenants interleaved in one warm process never see each other', async () => {
  const one = await Company.open('one');
  const two = await Company.open('two', one);
  // Each call of the platform gives way to the other tenant.
  one.platform.latency = 5;
  const before = made();
  const live = async (company: Company, secret: string): Promise<void> => {
    const { ada, carl, owen, alma } = company;
    const tool = await company.tool(`Tool of ${secret}`, { risk: 'medium' });
    for (let round = 0; round < 4; round += 1) {
      const { request } = await carl.ok('requests.submit', { ...asked(tool), purpose: `Purpose of ${secret}` });
      assert.equal(request.purpose, `Purpose of ${secret}`);
      const { grant } = await owen.ok('approvals.decide', { request: request.id, decision: 'approve' });
      await carl.ok('grants.give_back', { grant: grant.id });
      const tools = await ada.ok('catalog.list');
      assert.deepEqual(tools.items.map(({ name }: { name: string }) => name), [`Tool of ${secret}`]);
      const people = await alma.ok('people.list');
      assert.ok(people.items.every(({ name }: { name: string }) => !name.startsWith('Ada') || name === `Ada of ${company.site.cloudId.slice(6)}`));
    }
  };
  await Promise.all([live(one, 'the first'), live(two, 'the second')]);
  const after = made();
  assert.ok(after.instances - before.instances > 40);
  assert.ok(after.modules <= 1, 'the module is compiled once for all');
  assert.ok(!one.site.storage.dump().includes('the second') && !two.site.storage.dump().includes('the first'));
  // What one knows by its id is nothing to the other.
  const theirs = (await one.ada.ok('requests.list')).items[0].id;
  await two.ada.refused('not_found', 'requests.get', { request: theirs });
  one.platform.latency = 0;
  assert.equal(await one.verified(), await two.verified());
});

test('a trap in one tenant’s call leaves the other’s untouched, and its own next call, too', async () => {
  const one = await Company.open('one');
  const two = await Company.open('two', one);
  const tool = [await one.tool('Note taker'), await two.tool('Note taker')];
  one.platform.latency = 5;
  one.logged();
  const [trapped, other, same] = await Promise.all([
    one.carl.call('requests.submit', asked(tool[0] ?? ''), { trap: true }),
    two.carl.call('requests.submit', asked(tool[1] ?? '')),
    one.owen.call('catalog.list'),
  ]);
  assert.deepEqual(trapped, { failed: { code: 'internal' } });
  assert.equal(other.ok.grant.state, 'active');
  assert.equal(same.ok.items.length, 1);
  const [line] = one.logged();
  assert.deepEqual([line?.['event'], line?.['operation'], line?.['code']], ['run_failed', 'requests.submit', 'internal']);
  assert.match(line?.['cause'] ?? '', /RuntimeError/);
  assert.deepEqual(two.logged(), []);
  one.platform.latency = 0;
  assert.deepEqual((await one.carl.ok('grants.list')).items, [], 'nothing was half done');
  assert.equal((await one.carl.ok('requests.submit', asked(tool[0] ?? ''))).grant.state, 'active');
  // The clockwork of both goes on.
  await one.skip(8 * DAY);
  for (const company of [one, two]) {
    assert.equal((await company.carl.ok('grants.list')).items[0].state, 'ended');
    await company.verified();
  }
});
