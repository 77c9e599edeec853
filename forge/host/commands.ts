// What a driven platform is told to do (driven.ts).
import { createRequire } from 'node:module';

import { total } from './counters.ts';
import type { FaultKind } from './faults.ts';
import type { Installation } from './installation.ts';
import type { Account } from './jira/site.ts';
import type { Platform } from './platform.ts';
import { WebHost } from './web/host.ts';

export interface Driven {
  /** The app's folder. */
  app: string;
  platform: Platform;
  /** The installation that commands are about. */
  site: Installation;
  web: WebHost | undefined;
}

interface NewAccount {
  id: string;
  name: string;
  sort: 'administrator' | 'auditor' | 'licensed' | 'customer';
}

interface Call {
  module: string;
  account?: string;
  operation: string;
  input: unknown;
  key?: string;
  issue?: string;
}

// Commands come from tests, which know what they say.
type Command = any;

export const COMMANDS: Record<string, (driven: Driven, command: Command) => unknown> = {
  account: ({ site, platform }, { id, name, sort }: NewAccount) => {
    const of: Record<NewAccount['sort'], Partial<Omit<Account, 'groups'>>> = {
      administrator: { administrator: true },
      auditor: { permissions: new Set(platform.manifest.globalPermissions) },
      licensed: {},
      customer: { accountType: 'customer' },
    };
    site.jira.account(id, name, of[sort]);
  },
  project: ({ site }, { key, name }) => site.jira.project(key, name).id,
  /** What the app's function answers a page; what the platform refuses before is an error. */
  call: ({ platform, site }, { module, account, operation, input, key, issue }: Call) => {
    const payload = { operation, input, ...(key !== undefined && { idempotency_key: key }) };
    const extension = issue === undefined ? {} : { issue: { id: issue } };
    return platform.call(site, module, account, 'operation', payload, { extension });
  },
  /** Time passes in which the platform stands still; nothing is delivered yet. */
  skip: ({ platform }, { milliseconds }) => {
    platform.skip(milliseconds);
    return { now: platform.clock.now() };
  },
  /** Delivers what is due. */
  deliver: async ({ platform, site }) => {
    await platform.deliver();
    return { failures: platform.failures.splice(0), now: platform.clock.now(), next: site.next() ?? null };
  },
  /** Time passes as on the platform, with every schedule and delivery in it. */
  advance: async ({ platform }, { milliseconds }) => {
    await platform.advance(milliseconds);
    return { failures: platform.failures.splice(0), now: platform.clock.now() };
  },
  /** Puts a program in the place of the app's remote. */
  remote: ({ platform }, { key, address }) => {
    platform.outside.remotes.set(key, address);
  },
  fault: ({ site }, { calls, kind, times, skip }: { calls: string; kind: FaultKind; times?: number; skip?: number }) =>
    site.faults.add(calls, kind, { ...(times !== undefined && { times }), ...(skip !== undefined && { skip }) }),
  /** Answers an effect as the app's glue does, from outside the app: to look at what it stored. */
  effect: async (driven, { effect }) => {
    const { platform, site } = driven;
    const outcome = await platform.invoke(site, { function: glueOf(driven), body: effect, moduleKey: 'tests', moduleType: 'core:consumer' });
    if ('error' in outcome) throw new Error(outcome.error.message);
    return outcome.returned;
  },
  /** Every document of a kind, by key; blanks are none. */
  documents: ({ site }, { kind }) => {
    const found = site.storage.all('document').filter(({ key, value }) => key.startsWith(`${kind}:`) && (value as any).rev !== undefined);
    const rows = found.map(({ value }) => value as { key: string; rev: number; body: string }).map(({ key, rev, body }) => ({ key, revision: rev, body }));
    return { rows: rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
  },
  /** Everything stored but secrets, as text. */
  dump: ({ site }) => ({ text: site.storage.dump() }),
  /** What the app logged since the last time. */
  logged: ({ site }) => ({ lines: site.log.splice(0).map(({ text }) => text) }),
  counts: ({ site }) => {
    const counts = site.counters.snapshot();
    return { counts, storage: total(counts, 'kvs/'), peak: site.storage.quota.peak };
  },
  /** Serves the pages; answers where the page of an opening is. */
  open: async (driven, opening) => {
    driven.web ??= await WebHost.start(driven.platform, driven.app);
    return { address: driven.web.address(opening, driven.site) };
  },
  /** What went wrong in pages since the last time. */
  seen: ({ web }) => ({ violations: web?.violations.splice(0) ?? [], errors: web?.errors.splice(0) ?? [] }),
  issues: ({ site }) => ({
    issues: [...site.jira.issues.values()].map(({ id, key, status, comments, properties }) => ({
      id,
      key,
      status: status.name,
      comments,
      properties: Object.fromEntries(properties),
    })),
  }),
};

const GLUE = 'glue';

/** A function besides the app's own, which performs an effect with the app's glue: `tsc --outDir out` makes it. */
function glueOf({ app, platform }: Driven): string {
  if (platform.manifest.functions.has(GLUE)) return GLUE;
  const require = createRequire(import.meta.url);
  const { perform } = require(`${app}/out/operation/effects.js`);
  const { Commits } = require(`${app}/out/storage/commit.js`);
  const answer = async (effect: object) => (await perform([{ id: 1, ...effect }], new Commits()))[0];
  const { bundle } = platform;
  const handler = (name: string) => (name === GLUE ? answer : bundle.handler(name));
  platform.bundle = { handler, folder: bundle.folder } as unknown as typeof bundle;
  platform.manifest.functions.set(GLUE, { key: GLUE, handler: GLUE, timeoutSeconds: Infinity });
  return GLUE;
}

