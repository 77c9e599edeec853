/** The shipped server with a clock that the test moves: crates/testkit, program `browser-site`, spoken to by lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ui = dirname(dirname(fileURLToPath(import.meta.url)));

/** A running site. */
export interface Site {
  /** Where it is, for example `http://127.0.0.1:34567`. */
  address: string;
  /** Runs an operation as the command line of the host would. */
  operation(operation: string, input: object): Promise<unknown>;
  /** Moves the clock and lets whatever is due happen. */
  advanceDays(days: number): Promise<{ now: string; expired: number }>;
  /** Changes what is at the provider past the program, and tells who is in the group it is about. */
  atProvider(deed: AtProvider): Promise<string[]>;
  stop(): Promise<void>;
}

/** A day so many days from today, as fields for dates take it: the server's clock begins with the machine's. */
export function day(fromToday: number): string {
  return new Date(Date.now() + fromToday * 86_400_000).toISOString().slice(0, 10);
}

/** Where the browsers of `profiles.ts` are. */
export const timeZone = 'Europe/Berlin';

/** The same day as pages write it there. */
export function readable(fromToday: number): string {
  const written = { timeZone, day: 'numeric', month: 'short', year: 'numeric' } as const;
  return new Intl.DateTimeFormat('en-GB', written).format(Date.now() + fromToday * 86_400_000);
}

/** What somebody does at the provider; `tenant` is the host of the Okta org. */
export type AtProvider =
  | { what: 'account' | 'group'; tenant: string; id: string; name: string }
  | { what: 'join' | 'leave'; tenant: string; group: string; account: string }
  | { what: 'members'; tenant: string; group: string };

/** A program that `cargo build` made: `cargo xtask test` builds it first. */
export function program(name: string): string {
  const built = join(process.env.CARGO_TARGET_DIR ?? join(ui, '..', 'target'), 'debug', name);
  if (!existsSync(built)) throw new Error(`${built} is missing: run \`cargo xtask test\`, or \`cargo build --workspace\` first`);
  return built;
}

export async function startSite(data: string): Promise<Site> {
  const site: ChildProcess = spawn(program('browser-site'), ['--data', data, '--ui', join(ui, 'dist')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => site.once('exit', () => done()));
  const lines = createInterface({ input: site.stdout! })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('browser-site ended before it answered; what it said is above');
    return JSON.parse(value);
  };
  const ask = (command: object): Promise<unknown> => {
    site.stdin!.write(`${JSON.stringify(command)}\n`);
    return answer();
  };
  const { address } = (await answer()) as { address: string };
  return {
    address,
    operation: (operation, input) => ask({ operation, input }),
    advanceDays: async (days) => (await ask({ advance_days: days })) as { now: string; expired: number },
    atProvider: async (deed) => (await ask({ directory: deed })) as string[],
    stop: () => {
      site.stdin!.end();
      return ended;
    },
  };
}
