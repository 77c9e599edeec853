// The log on Forge: verified every day without anybody, packed, and taken along as evidence.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asked, Caller, Company, DAY } from './company.ts';

/** Every portion of an export, put together. */
async function read(caller: Caller, id: string): Promise<{ file: string; content: Buffer }> {
  const parts: Buffer[] = [];
  let [file, from]: [string, number | null] = ['', 0];
  while (from !== null) {
    const portion = await caller.ok('exports.read', { export: id, from });
    parts.push(Buffer.from(portion.content, 'base64'));
    [file, from] = [portion.file, portion.next];
  }
  return { file, content: Buffer.concat(parts) };
}

/** How far an export of one's own is. */
async function progress(caller: Caller, id: string): Promise<{ is: string; bytes?: number; reason?: string }> {
  const { items } = await caller.ok('exports.list');
  return items.find((each: { id: string }) => each.id === id)?.progress;
}

const begin = async (caller: Caller, scope: object): Promise<string> => (await caller.ok('exports.begin', { scope })).export.id;

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

test('an auditor begins an export, leaves, comes back and takes it along; and nobody else does', async () => {
  const company = await Company.open();
  const { alma, ada, owen, carl, site } = company;
  const tool = await company.tool('Note taker');
  const { grant } = await carl.ok('requests.submit', asked(tool));
  const scope = { of: 'grant', grant: grant.id };
  const made = await begin(alma, scope);
  assert.equal((await progress(alma, made)).is, 'making');
  await alma.refused('export_state', 'exports.read', { export: made });
  await company.settle();
  assert.equal((await progress(alma, made)).is, 'kept');
  const { file, content } = await read(alma, made);
  assert.equal(file, `evidence-${made}.zip`);
  assert.equal(content.subarray(0, 4).toString('latin1'), 'PK\u0003\u0004');
  assert.ok(content.includes('manifest.json'));
  assert.deepEqual((await read(alma, made)).content, content, 'it is the same again');
  const table = await begin(ada, { of: 'requests' });
  await company.settle();
  assert.match((await read(ada, table)).content.toString(), /Note taker/);
  // Its maker alone has it; members may not call the operation, and customers not even see it.
  await ada.refused('not_found', 'exports.read', { export: made });
  for (const operation of ['exports.begin', 'exports.read']) {
    const input = operation === 'exports.begin' ? { scope } : { export: made };
    await owen.refused('not_permitted', operation, input);
    await carl.refused('unknown_operation', operation, input);
  }
  // Files that a call hands out itself are the self-hosted server's.
  await alma.refused('unknown_operation', 'evidence.export', { scope: { grant: grant.id } });
  await alma.refused('malformed_input', 'exports.read', { export: made, from: 9 });
  const exported = (await company.kinds()).filter((kind) => kind.startsWith('evidence.'));
  assert.deepEqual(exported.toSorted(), ['evidence.export_begun', 'evidence.export_begun', 'evidence.exported', 'evidence.exported']);
  await company.skip(25 * 3_600_000);
  await alma.refused('not_found', 'exports.read', { export: made });
  assert.ok(!site.storage.dump().includes('UEsDB'), 'nothing of it is kept');
  await company.verified();
});

test('an export goes on where it stood, however its events come and whatever dies', async () => {
  const company = await Company.open();
  const { alma, ada, carl, site, platform } = company;
  for (let number = 0; number < 3; number += 1) await carl.ok('requests.submit', asked(await company.tool(`Tool ${number}`)));
  for (let number = 0; number < 220; number += 1) {
    await ada.ok('people_groups.put', { name: `Group ${number}` });
    if (number % 100 === 99) await company.skip(60_000);
  }
  const period = { of: 'period', from: '2026-11-01T00:00:00Z', until: '2026-12-01T00:00:00Z' };
  site.queues.duplicate = true;
  const one = await begin(alma, period);
  // The platform stays away for a while, refuses, or does what it is asked and never answers: each at another place of the next runs.
  const deaths = [[0, 'unavailable'], [1, 'unavailable'], [1, 'conflict'], [0, 'lost']] as const;
  for (const [skip, fault] of deaths) {
    site.faults.add('kvs/transaction', fault, { skip, times: 40 });
    await platform.deliver();
    site.faults.clear();
    // The event comes again in a minute.
    platform.skip(61_000);
  }
  const died = company.logged().filter(({ event, operation }) => event === 'run_failed' && operation === 'exports.make');
  assert.ok(died.length > 1);
  site.queues.late = 2 * 60_000;
  for (let minute = 0; minute < 30 && (await progress(alma, one)).is === 'making'; minute += 1) await company.skip(60_000);
  const { content } = await read(alma, one);
  assert.equal((await progress(alma, one)).bytes, content.length);
  assert.equal((await company.kinds()).filter((kind) => kind === 'evidence.exported').length, 1);
  // Zip's own end says where its directory is: nothing is there twice, and nothing is missing.
  const end = content.length - 22;
  assert.equal(content.readUInt32LE(end), 0x06054b50);
  assert.equal(content.readUInt32LE(end + 12) + content.readUInt32LE(end + 16), end);
  const records = content.subarray(43).toString('latin1').split('PK\u0007\b')[0]?.trimEnd().split('\n') ?? [];
  assert.deepEqual(records.map((line) => JSON.parse(line).index), records.map((_, index) => index));
  await company.verified();
});
