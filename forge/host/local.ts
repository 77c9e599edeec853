// Runs the app on this machine, to be looked at: `cargo xtask forge local`. Everything is in memory and gone when it ends.
import { parseArgs } from 'node:util';

import { realClock } from './clock.ts';
import { readManifest } from './manifest.ts';
import { Platform } from './platform.ts';
import { Bundle } from './runtime/bundle.ts';
import { WebHost } from './web/host.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: `${import.meta.dirname}/..` },
    bundle: { type: 'string' },
    port: { type: 'string', default: '8781' },
    core: { type: 'string' },
  },
});

const platform = new Platform(readManifest(values.app), new Bundle(values.bundle ?? `${values.app}/dist`), { clock: realClock, seed: crypto.randomUUID() });
const site = platform.install('local', 'ada');
const { jira } = site;
jira.project('HELP', 'Help desk');
jira.account('ada', 'Ada Admin', { administrator: true, groups: ['jira-administrators'] });
jira.account('owen', 'Owen Owner', { groups: ['engineering'] });
jira.account('rita', 'Rita Requester', { groups: ['engineering'] });
jira.account('alma', 'Alma Auditor', { groups: ['audit'] });
for (const permission of platform.manifest.globalPermissions) jira.accounts.get('alma')?.permissions.add(permission);
jira.account('carl', 'Carl Customer', { accountType: 'customer' });

const core = platform.manifest.remotes.get('core');
if (core && values.core) {
  core.baseUrl = values.core;
  platform.outside.remotes.set('core', values.core);
}
const keys = await platform.signer.listen();
const host = await WebHost.start(platform, values.app, Number(values.port));

console.log(`Pages:             ${host.origin}
Invocation tokens: signed by the key at ${keys}, for ${platform.manifest.appId}
Core:              ${values.core ?? 'none; give its address with --core'}`);

let failures = 0;
let lines = 0;
let busy = false;
setInterval(async () => {
  if (busy) return;
  busy = true;
  await platform.deliver();
  busy = false;
  for (; failures < platform.failures.length; failures += 1) console.error(platform.failures[failures]);
  for (; lines < site.log.length; lines += 1) console.log(site.log[lines]?.text);
}, 250);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    host.close();
    platform.signer.close();
    process.exit(0);
  });
}
