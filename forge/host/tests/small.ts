// The small app on a platform of its own.
import { readManifest } from '../manifest.ts';
import type { Installation } from '../installation.ts';
import { Platform } from '../platform.ts';
import { Bundle } from '../runtime/bundle.ts';

const FOLDER = `${import.meta.dirname}/small-app`;

export interface Result {
  ok?: any;
  error?: { name: string; code?: string; message: string; status?: number };
}

/** What an app's function may use; see `small-app/index.cjs`. */
type Tools = any;

declare global {
  // In functions that run inside the small app.
  var kvs: Tools, api: Tools, Queue: Tools, Filter: Tools, FilterConditions: Tools, WhereConditions: Tools, Sort: Tools, route: Tools;
}

export function small(): { platform: Platform; site: Installation } {
  const platform = new Platform(readManifest(FOLDER), new Bundle(FOLDER));
  const site = platform.install('small');
  site.jira.account('ada', 'Ada Admin', { administrator: true });
  site.jira.account('rita', 'Rita', { groups: ['staff'] });
  site.jira.account('carl', 'Carl Customer', { accountType: 'customer' });
  return { platform, site };
}

/** Runs code inside the app, as somebody. */
export async function run(platform: Platform, site: Installation, source: (payload: any, context: any) => unknown, payload: unknown = {}, as = 'ada', module = 'admin'): Promise<Result> {
  return (await platform.call(site, module, as, 'run', { source: source.toString(), payload })) as Result;
}
