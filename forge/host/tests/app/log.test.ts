// The log on Forge: verified every day without anybody, packed, and taken along as evidence.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asked, Caller, Company, DAY } from './company.ts';

/** Every portion of an export, put together. */
async function read(caller: Caller, id: string): Promise<{ file: string; content: Buffer }> {
  const parts: Buffer[] = [];
  let [file, next]: [string, unknown] = ['', undefined];
  do {
    const portion = await caller.ok('exports.read', { export: id, ...(next ? { next } : {}) });
    parts.push(Buffer.from(portion.content, 'base64'));
    ({ file, next } = portion);
  } while (next);
  return { file, content: Buffer.concat(parts) };
}

test('the whole log is verified every day, and one that is not sound is told at once', async () => {
  const company = await Company.open();
  const { carl, site } = company;
  for (let number = 0; number < 4; number += 1) await carl.ok('requests.submit', asked(await company.tool(`Tool ${number}`)));
  await company.skip(DAY + 60_000);
  const verified = async () => (await company.kinds()).filter((kind) => kind === 'audit.verified').length;
  assert.equal(await verified(), 1);
  assert.deepEqual(company.logged().filter(({ event }) => event === 'log_unsound'), []);
  const key = 'entry:000000000007';
  site.storage.tamper('log', key, (value) => ({ ...value, body: { ...value.body, text: value.body.text.replace(/\d/, '9') } }));
  await company.skip(DAY);
  assert.equal(await verified(), 2);
  assert.deepEqual(company.logged().filter(({ event }) => event === 'log_unsound').map(({ operation }) => operation), ['log.verify']);
  const { ok, problem } = await company.alma.ok('audit.verify');
  assert.equal(ok, false);
  assert.match(problem, /\b7\b/);
});

test('packing leaves every entry, proof and root as it was', async () => {
  const company = await Company.open();
  const { ada, alma, site } = company;
  for (let number = 0; number < 260; number += 1) {
    await ada.ok('people_groups.put', { name: `Group ${number}` });
    if (number % 100 === 99) await company.skip(60_000);
  }
  const hashes = async () => new Map((await company.entries()).map(({ index, leaf_hash }) => [index, leaf_hash]));
  const before = await hashes();
  const singles = () => site.storage.all('log').filter(({ key }) => key.startsWith('entry:')).length;
  assert.ok(singles() > 256);
  // Quotas are by the minute; a packer that meets them goes on later.
  for (let minute = 0; minute < 3; minute += 1) await company.skip(300_000);
  assert.ok(singles() < 256, String(singles()));
  assert.ok(site.storage.peek('log', 'bundle:0'));
  const after = await hashes();
  for (const [index, leaf] of before) assert.equal(after.get(index), leaf, String(index));
  assert.equal((await alma.ok('audit.proof', { inclusion: { index: 100 } })).leaf_hash, before.get(100));
  await company.verified();
});

test('an auditor takes evidence along in portions, and nobody else does', async () => {
  const company = await Company.open();
  const { alma, ada, owen, carl, site } = company;
  const tool = await company.tool('Note taker');
  const { grant } = await carl.ok('requests.submit', asked(tool));
  const made = (await alma.ok('evidence.export', { scope: { grant: grant.id } })).export.id;
  const { file, content } = await read(alma, made);
  assert.equal(file, `evidence-${made}.zip`);
  assert.equal(content.subarray(0, 4).toString('latin1'), 'PK\u0003\u0004');
  assert.ok(content.includes('manifest.json'));
  assert.deepEqual((await read(alma, made)).content, content, 'it is the same again');
  const table = (await ada.ok('requests.export')).export.id;
  assert.match((await read(ada, table)).content.toString(), /Note taker/);
  // Its maker alone has it, and customers and members not even the operation.
  await ada.refused('not_found', 'exports.read', { export: made });
  await owen.refused('unknown_operation', 'exports.read', { export: made });
  await carl.refused('unknown_operation', 'exports.read', { export: made });
  // A position that was not given leads nowhere.
  for (const next of [{ after: 10, digest: '00'.repeat(32) }, { after: 1e9, digest: '00'.repeat(32) }]) {
    await alma.refused('not_found', 'exports.read', { export: made, next });
  }
  await company.skip(2 * 3_600_000);
  await alma.refused('not_found', 'exports.read', { export: made });
  assert.ok(!site.storage.dump().includes('PK\u0003'), 'nothing of it is kept');
});
