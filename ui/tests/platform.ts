/**
 * The app as bundled, on the local platform of `forge/host`, which needs a newer Node than these tests: a process of its own, told what to do
 * by lines of JSON. Its pages come in a sandboxed frame under the content policy that Atlassian's own package computes.
 */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Frame, Page } from 'playwright-core';

const forge = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'forge');

/** Of 22.18 or newer: the one among the app's packages, or else the machine's. */
const node =
  ['x64', 'arm64'].map((cpu) => join(forge, `node_modules/node-linux-${cpu}/bin/node`)).find((path) => existsSync(path)) ??
  process.execPath;

interface Answer {
  ok?: unknown;
  refused?: { code: string };
}

/** Where a page is opened, and by whom. */
export interface Opening {
  module: string;
  account?: string;
  issue?: string;
  project?: string;
}

export class LocalPlatform {
  #child: ChildProcessWithoutNullStreams;
  #lines: AsyncIterableIterator<string>;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.pipe(process.stderr);
  }

  static async start(): Promise<LocalPlatform> {
    const bundle = join(forge, '../target/forge/function/index.cjs');
    if (!existsSync(bundle)) throw new Error('the Forge app is not built; run `cargo xtask forge build` first');
    const platform = new LocalPlatform(spawn(node, ['--disable-warning=ExperimentalWarning', 'host/driven.ts'], { cwd: forge }));
    await platform.#lines.next();
    await platform.tell('project', { key: 'HELP', name: 'Help desk' });
    return platform;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await new Promise((done) => this.#child.once('exit', done));
  }

  async tell(what: string, more: object = {}): Promise<any> {
    this.#child.stdin.write(`${JSON.stringify({ do: what, ...more })}\n`);
    const { value } = await this.#lines.next();
    const answer = JSON.parse(value as string) as { error?: string };
    assert.equal(answer.error, undefined, `${what} ${JSON.stringify(more)}`);
    return answer;
  }

  /** Somebody with an account there. */
  account(id: string, name: string, sort: 'administrator' | 'auditor' | 'licensed' | 'customer'): Promise<unknown> {
    return this.tell('account', { id, name, sort });
  }

  /** Calls an operation beside the pages. */
  async call(module: string, account: string, operation: string, input: object = {}): Promise<any> {
    const answer = (await this.tell('call', { module, account, operation, input })) as Answer;
    assert.ok('ok' in answer, `${operation}: ${JSON.stringify(answer)}`);
    return answer.ok;
  }

  /** What is due is done. */
  async settle(): Promise<void> {
    const { failures } = await this.tell('deliver');
    assert.deepEqual(failures, []);
  }

  /** Opens a page of the app: the site's page around it, and the frame that it is in. */
  async open(browser: Browser, opening: Opening): Promise<{ site: Page; frame: Frame; close(): Promise<void> }> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, locale: 'en-GB', acceptDownloads: true });
    const site = await context.newPage();
    site.setDefaultTimeout(10_000);
    const { address } = (await this.tell('open', opening)) as { address: string };
    await site.goto(address);
    const frame = await (await site.waitForSelector('iframe')).contentFrame();
    assert.ok(frame);
    return { site, frame, close: () => context.close() };
  }

  /** Nothing broke the content policy, and no page failed unseen. */
  async isClean(): Promise<void> {
    assert.deepEqual(await this.tell('seen'), { violations: [], errors: [] });
  }
}
