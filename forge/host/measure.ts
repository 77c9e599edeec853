// What the app asks of the platform: effects, calls, storage units and time of each operation, of the clockwork, and of verifying a large
// log. `cargo xtask forge measure` runs it; bench/README.md has what it said. Counts are the same on every machine, times are not.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { COMMANDS, type Driven } from './commands.ts';
import { between, type Counts, total } from './counters.ts';
import { readManifest } from './manifest.ts';
import { Platform } from './platform.ts';
import { Bundle } from './runtime/bundle.ts';
import { record } from './runtime/module.ts';

const APP = `${import.meta.dirname}/..`;
const BUILT = `${APP}/../target/forge`;
const WASM = `${APP}/../target/forge/clearance_forge.wasm`;
/** Entries of the large log; a multiple of 256. */
const ENTRIES = Number(process.argv[2] ?? 25_600);
const ROUNDS = 15;
const DAY = 86_400_000;
/** What an installation may use in a minute. */
const QUOTA = 4_000;

const platform = new Platform(readManifest(APP), new Bundle(`${BUILT}/function`));
const site = platform.install('measured');
const driven: Driven = { app: APP, platform, site, web: undefined };
let effects = 0;
let turns = 0;
record(({ answered }) => {
  const progress = JSON.parse(answered);
  if (!progress.effects) return;
  turns += 1;
  effects += progress.effects.length;
});

type Measured = { effects: number; turns: number; calls: number; reads: number; writes: number; milliseconds: number };

async function measured(work: () => Promise<unknown>): Promise<Measured> {
  const before: Counts = site.counters.snapshot();
  [effects, turns] = [0, 0];
  const begun = performance.now();
  await work();
  const milliseconds = performance.now() - begun;
  const counted = between(before, site.counters.snapshot());
  const storage = total(counted, 'kvs/');
  return { effects, turns, calls: total(counted).calls, reads: storage.reads, writes: storage.writes, milliseconds };
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** The median of what each round took. */
async function typical(work: (round: number) => Promise<unknown>): Promise<Measured> {
  const rounds: Measured[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(await measured(() => work(round)));
    // Quotas are by the minute.
    platform.skip(60_000);
  }
  const of = (field: keyof Measured) => median(rounds.map((one) => one[field]));
  return { effects: of('effects'), turns: of('turns'), calls: of('calls'), reads: of('reads'), writes: of('writes'), milliseconds: of('milliseconds') };
}

async function call(module: string, account: string, operation: string, input: object = {}): Promise<any> {
  const answer = (await platform.call(site, module, account, 'operation', { operation, input })) as any;
  if (!('ok' in answer)) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer.ok;
}

const settle = async (): Promise<void> => {
  await platform.deliver();
  const [failure] = platform.failures.splice(0);
  if (failure) throw new Error(`${failure.function}: ${failure.message}`);
};

function row(name: string, { effects: asked, turns: rounds, calls, reads, writes, milliseconds }: Measured): void {
  console.log(`| ${name} | ${asked} in ${rounds} | ${calls} | ${reads} | ${writes} | ${milliseconds.toFixed(1)} ms |`);
}

function sizes(): void {
  const of = (name: string, bytes: Buffer) => console.log(`| ${name} | ${(bytes.length / 1024).toFixed(0)} KiB | ${(gzipSync(bytes).length / 1024).toFixed(0)} KiB |`);
  console.log('| what | size | compressed |\n|---|---|---|');
  of('module (wasm)', readFileSync(WASM));
  of('function bundle', readFileSync(`${BUILT}/function/index.cjs`));
}

async function operations(): Promise<void> {
  const { jira } = site;
  jira.account('ada', 'Ada', { administrator: true });
  jira.account('alma', 'Alma', { permissions: new Set(platform.manifest.globalPermissions) });
  jira.account('owen', 'Owen');
  jira.account('carl', 'Carl', { accountType: 'customer' });
  await settle();
  for (const [module, account] of [['admin', 'ada'], ['app', 'alma'], ['app', 'owen'], ['portal-access', 'carl']] as const) await call(module, account, 'catalog.list');
  const people = await call('admin', 'ada', 'people.list');
  const owner = people.items.find(({ name }: { name: string }) => name === 'Owen').id;
  const tool = (name: string, risk: string) => ({ name, vendor: 'Example', category: 'assistant', summary: 'For measuring', risk, status: 'requestable', data_classes: ['internal'], default_days: 7, max_days: 90, owners: [owner] });
  const asked = (id: string) => ({ tool: id, purpose: 'To measure what it takes', data_classes: ['internal'], days: 7 });
  const tools: string[] = [];
  console.log('\n| operation | effects, in turns | calls of the platform | reads (10 KB) | writes (10 KB) | time |\n|---|---|---|---|---|---|');
  row('`catalog.put`', await typical(async (round) => void tools.push((await call('admin', 'ada', 'catalog.put', tool(`Tool ${round}`, 'medium'))).tool.id)));
  row('`catalog.list`, 15 tools', await typical(() => call('portal-access', 'carl', 'catalog.list')));
  const requests: string[] = [];
  row('`requests.submit`', await typical(async (round) => void requests.push((await call('portal-access', 'carl', 'requests.submit', asked(tools[round] ?? ''))).request.id)));
  row('`approvals.queue`, 15 requests', await typical(() => call('app', 'owen', 'approvals.queue')));
  const grants: string[] = [];
  row('`approvals.decide`', await typical(async (round) => void grants.push((await call('app', 'owen', 'approvals.decide', { request: requests[round], decision: 'approve' })).grant.id)));
  row('`grants.list`, 15 grants', await typical(() => call('portal-access', 'carl', 'grants.list', { person: 'me' })));
  row('`grants.give_back`', await typical((round) => call('portal-access', 'carl', 'grants.give_back', { grant: grants[round] })));
  for (const id of tools) await call('app', 'owen', 'approvals.decide', { request: (await call('portal-access', 'carl', 'requests.submit', asked(id))).request.id, decision: 'approve' });
  await settle();
  for (const what of ['five-minute pass, nothing due', '', 'the same, with the walk through 30 inbox items']) {
    platform.skip(300_000);
    const pass = await measured(settle);
    if (what) row(what, pass);
  }
  platform.skip(8 * DAY);
  row('pass in which 15 grants end, with the hourly and daily work', await measured(settle));
}

async function largeLog(): Promise<void> {
  const effect = async (effect: object): Promise<any> => ((await COMMANDS['effect']?.(driven, { effect })) as any).ok;
  const { entries: [sample] } = await effect({ kind: 'log_entries', from: 20, limit: 1 });
  const { size } = await effect({ kind: 'log_head' });
  for (let made = size; made < ENTRIES; ) {
    const count = Math.min(20, ENTRIES - made);
    const entries = Array.from({ length: count }, (_, offset) => {
      const text = sample.text.replace(/[0-9a-hjkmnp-tv-z]{12}"/, `${String(made + offset).padStart(12, '0')}"`);
      return { text, leaf_hash: createHash('sha256').update(Uint8Array.of(0)).update(text).digest('hex') };
    });
    await effect({ kind: 'commit', writes: [], entries });
    made += count;
    if (made % 2_000 < 20) platform.skip(60_000);
  }
  const scale = 1_000_000 / ENTRIES;
  const per = (name: string, { calls, reads, writes, milliseconds }: Measured) => {
    const minutes = (Math.max(reads, writes) * scale) / QUOTA;
    const whole = (number: number) => Math.round(number * scale).toLocaleString('en');
    console.log(`| ${name} | ${whole(calls)} | ${whole(reads)} | ${whole(writes)} | ${((milliseconds * scale) / 1_000).toFixed(0)} s | ${minutes.toFixed(0)} min |`);
  };
  console.log(`\nA log of ${ENTRIES.toLocaleString('en')} entries of ${Buffer.byteLength(sample.text)} bytes, scaled to a million:\n`);
  console.log('| | calls | reads (10 KB) | writes (10 KB) | time | least time by the quota |\n|---|---|---|---|---|---|');
  per('packing', await measured(() => until('log.pack')));
  per('verifying, in the consumer', await measured(() => until('log.verify')));
  platform.skip(60_000);
  per('verifying, from the page', await measured(async () => {
    let next: unknown;
    do {
      const answer = await call('app', 'alma', 'audit.verify', next ? { next } : {});
      next = answer.next;
      if (next) platform.skip(60_000);
      else if (answer.ok !== true) throw new Error(JSON.stringify(answer));
    } while (next);
  }));
}

/** Lets the consumer do a host operation until it says that nothing is left. */
async function until(operation: string): Promise<void> {
  for (;;) {
    const body = { queueName: 'log', jobId: 'measure', eventId: 'measure', body: { operation, key: 'measure' } };
    const outcome = await platform.invoke(site, { function: 'consume', body, moduleKey: 'log', moduleType: 'core:consumer' });
    if ('error' in outcome) throw new Error(outcome.error.message);
    platform.skip(60_000);
    // The units of the minute were used up in the middle: the platform brings the event again.
    if ((outcome.returned as { _retry?: boolean } | undefined)?._retry) continue;
    const again = site.queues.waiting.filter((event) => event.body['operation'] === operation && event.due <= platform.clock.now());
    if (again.length === 0) return;
    while (site.queues.take());
  }
}

console.log(`Node ${process.version}; module ${statSync(WASM).size} bytes\n`);
sizes();
await operations();
await largeLog();
