// The app on the platform, driven from outside by tests in another language or process: a line of JSON for each command, a line for its
// answer. Time stands still until it is moved.
//
// node host/driven.ts [--bundle FOLDER]: answers first with who the app is and where the key of its invocation tokens lies.
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { COMMANDS, type Driven } from './commands.ts';
import { readManifest } from './manifest.ts';
import { Platform } from './platform.ts';
import { Bundle } from './runtime/bundle.ts';
import { record } from './runtime/module.ts';

const app = `${import.meta.dirname}/..`;
const { values } = parseArgs({
  options: {
    bundle: { type: 'string', default: `${app}/../target/forge/function` },
    /** File that takes what crosses the boundary of the WebAssembly module, a line each. */
    record: { type: 'string' },
  },
});

// What the glue says outside an invocation of the app is no answer.
console.log = console.error;

async function main(): Promise<void> {
  const platform = new Platform(readManifest(app), new Bundle(values.bundle));
  const driven: Driven = { app, platform, site: platform.install('one'), web: undefined };
  const keys = await platform.signer.listen();
  const written = values.record === undefined ? undefined : createWriteStream(values.record);
  if (written) record((crossing, instance) => void written.write(`${JSON.stringify({ instance, ...crossing })}\n`));
  say({ app: platform.manifest.appId, keys, now: platform.clock.now() });
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { do: name, ...command } = JSON.parse(line);
    try {
      say((await COMMANDS[name]?.(driven, command)) ?? {});
    } catch (error) {
      say({ error: (error as Error).message });
    }
  }
  driven.web?.close();
  platform.signer.close();
  await new Promise<void>((done) => (written ? written.end(done) : done()));
}

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();
