// Performs effects of the module, line by line, with the glue's own interpreter on the platform of forge/host: so the store's contract, which
// is Rust, is run against what Forge would store. The first line tells the kinds; each other line is an effect, and is answered by a line.
//
// Several commits at once come from as many invocations, so that they race each other for the log's head as on the platform.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { readManifest } from '../host/manifest.ts';
import { Platform } from '../host/platform.ts';
import { Refusal } from '../host/reply.ts';
import type { Bundle } from '../host/runtime/bundle.ts';
import type { Storage } from '../host/storage/storage.ts';

const INVOCATIONS = 3;
/** Milliseconds that each call of the platform takes on its own clock, so that its quotas are those of a busy minute and not of an instant. */
const LATENCY = 400;

const app = resolve(import.meta.dirname, '..');
const require = createRequire(import.meta.url);

// What the app logs is no answer.
console.log = console.error;

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const { kinds } = JSON.parse((await lines.next()).value);
  // What the build writes from the Rust declarations, with the contract's kinds in place of the product's.
  const declarations = resolve(app, 'out/generated/declarations.js');
  require.cache[declarations] = { id: declarations, exports: { KINDS: kinds, OPERATIONS: {}, CORE: null } } as unknown as NodeModule;
  const { perform } = require(resolve(app, 'out/operation/effects.js'));
  const { Commits } = require(resolve(app, 'out/storage/commit.js'));

  const work = async (): Promise<void> => {
    const invocations = Array.from({ length: INVOCATIONS }, () => new Commits());
    let count = 0;
    for await (const line of lines) {
      const effect = JSON.parse(line);
      count += 1;
      void perform([effect], invocations[count % INVOCATIONS]).then(([answer]: unknown[]) => process.stdout.write(`${JSON.stringify(answer)}\n`));
    }
  };
  const platform = new Platform(readManifest(app), { handler: () => work, folder: app } as unknown as Bundle);
  platform.latency = LATENCY;
  // The contract is one invocation without an end.
  const consume = platform.manifest.functions.get('consume');
  if (consume) platform.manifest.functions.set('consume', { ...consume, timeoutSeconds: Infinity });
  const installation = platform.install('contract');
  for (const [calls, kind] of process.argv.slice(2).map((fault) => fault.split('='))) {
    if (calls === 'missing') refuseMissing(installation.storage);
    else installation.faults.add(calls as string, kind as 'lost', { times: 5, skip: 3 });
  }
  const outcome = await platform.invoke(installation, { function: 'consume', body: {}, moduleKey: 'contract', moduleType: 'core:consumer' });
  if ('error' in outcome) throw new Error(outcome.error.message);
}

/** The other thing that a platform could do with conditions on keys that do not exist: refuse them all. */
function refuseMissing(storage: Storage): void {
  const perform = storage.perform.bind(storage);
  const exists = (entityName: string, key: string): boolean => {
    try {
      return perform('entity/get', { entityName, key }) !== undefined;
    } catch {
      return false;
    }
  };
  storage.perform = (path: string, body: any) => {
    const operations = path === 'transaction' ? [...(body.set ?? []), ...(body.delete ?? []), ...(body.check ?? [])] : [];
    if (operations.some(({ conditions, entityName, key }) => conditions && !exists(entityName, key))) {
      throw new Refusal(400, 'CONDITIONAL_CHECK_FAILED', 'Conditional check failed');
    }
    return perform(path, body);
  };
}

await main();
