// The app as bundled, on a platform of its own, with the people of a small company.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import type { Installation } from '../../installation.ts';
import { readManifest } from '../../manifest.ts';
import { Platform } from '../../platform.ts';
import { Bundle } from '../../runtime/bundle.ts';

const APP = `${import.meta.dirname}/../../..`;
const BUILT = `${APP}/../target/forge`;

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;

/** Operations that each of the app's functions lets through. */
export const OPERATIONS: Record<'admin' | 'app' | 'portal', string[]> = JSON.parse(readFileSync(`${BUILT}/declarations.json`, 'utf8')).operations;

// One warm process: the bundle is loaded once for all of them, as on the platform.
const bundle = new Bundle(`${BUILT}/function`);

export type Answer = { ok?: any; refused?: { code: string; message: string }; failed?: { code: string } };

/** Somebody on one of the app's pages. */
export class Caller {
  readonly account: string;
  readonly module: string;
  #company: Company;
  #extension: Record<string, unknown>;

  constructor(company: Company, account: string, module: string, extension: Record<string, unknown> = {}) {
    this.#company = company;
    this.account = account;
    this.module = module;
    this.#extension = extension;
  }

  call(operation: string, input: unknown = {}, { key, trap }: { key?: string; trap?: boolean } = {}): Promise<Answer> {
    return this.send({ operation, input, ...(key !== undefined && { idempotency_key: key }) }, trap);
  }

  /** Sends whatever a page could send. */
  async send(payload: unknown, trap = false): Promise<Answer> {
    const { platform, site } = this.#company;
    return (await platform.call(site, this.module, this.account, 'operation', payload, { extension: this.#extension, trap })) as Answer;
  }

  async ok(operation: string, input: unknown = {}, how: { key?: string } = {}): Promise<any> {
    const answer = await this.call(operation, input, how);
    assert.ok('ok' in answer, `${operation}: ${JSON.stringify(answer)}`);
    return answer.ok;
  }

  async refused(code: string, operation: string, input: unknown = {}): Promise<void> {
    const answer = await this.call(operation, input);
    assert.equal(answer.refused?.code, code, `${operation}: ${JSON.stringify(answer)}`);
  }
}

export class Company {
  readonly platform: Platform;
  readonly site: Installation;
  readonly ada: Caller;
  readonly alma: Caller;
  readonly owen: Caller;
  readonly carl: Caller;

  private constructor(platform: Platform, name: string) {
    this.platform = platform;
    this.site = platform.install(name, 'ada');
    const { jira } = this.site;
    jira.project('HELP', 'Help desk');
    jira.account('ada', `Ada of ${name}`, { administrator: true });
    jira.account('alma', 'Alma Auditor', { permissions: new Set(platform.manifest.globalPermissions) });
    jira.account('owen', 'Owen Owner');
    jira.account('carl', 'Carl Customer', { accountType: 'customer' });
    jira.account('eve', 'Eve Elsewhere', { accountType: 'customer' });
    this.ada = this.as('ada', 'admin');
    this.alma = this.as('alma', 'app');
    this.owen = this.as('owen', 'app');
    this.carl = this.as('carl', 'portal-access');
  }

  /** A company on a platform of its own, or beside another's. */
  static async open(name = 'one', beside?: Company): Promise<Company> {
    const company = new Company(beside?.platform ?? new Platform(readManifest(APP), bundle), name);
    await company.settle();
    return company;
  }

  as(account: string, module: string, extension?: Record<string, unknown>): Caller {
    return new Caller(this, account, module, extension);
  }

  /** Whatever is due is done; it must go well. */
  async settle(): Promise<void> {
    await this.platform.deliver();
    assert.deepEqual(this.platform.failures.splice(0), []);
  }

  /** Time passes in which the platform does nothing, and then what is due. */
  async skip(milliseconds: number): Promise<void> {
    this.platform.skip(milliseconds);
    await this.settle();
  }

  /** A tool of Owen's; of low risk, so that it is given at once. */
  async tool(name: string, more: object = {}): Promise<string> {
    const owner = await this.person(this.owen);
    const input = {
      name,
      vendor: 'Example',
      category: 'assistant',
      summary: 'For tests',
      risk: 'low',
      status: 'requestable',
      data_classes: ['public', 'internal'],
      default_days: 7,
      max_days: 90,
      owners: [owner],
      ...more,
    };
    const { tool, proposal } = await this.ada.ok('catalog.put', input);
    return tool?.id ?? (await this.#agree(proposal)).tool.id;
  }

  /** Once people ask for access it takes a second administrator to open a tool: one who is here for nothing else. */
  async #agree({ id }: { id: string }): Promise<any> {
    const { jira } = this.site;
    if (!jira.accounts.has('bea')) jira.account('bea', 'Bea Boss', { administrator: true });
    return (await this.as('bea', 'admin').ok('proposals.confirm', { proposal: id })).proposal;
  }

  /** Who an account is here. */
  async person({ account, ...caller }: Caller): Promise<string> {
    await this.as(account, caller.module).ok('catalog.list');
    const { items } = await this.ada.ok('people.list', { limit: 100 });
    return items.find(({ name }: { name: string }) => name === this.site.jira.accounts.get(account)?.displayName).id;
  }

  /** Lines that the app logged since the last time. */
  logged(): Record<string, string>[] {
    return this.site.log.splice(0).map(({ text }) => JSON.parse(text));
  }

  /** Entries of the audit log, newest first. */
  async entries(): Promise<{ index: number; kind: string; leaf_hash: string }[]> {
    const entries: { index: number; kind: string; leaf_hash: string }[] = [];
    let after: unknown;
    do {
      const page = await this.alma.ok('audit.entries', { limit: 100, ...(after ? { after } : {}) });
      entries.push(...page.items);
      after = page.next;
    } while (after);
    return entries;
  }

  /** Their kinds. */
  async kinds(): Promise<string[]> {
    return (await this.entries()).map(({ kind }) => kind);
  }

  /** The log verifies; answers how long it is. */
  async verified(): Promise<number> {
    const { ok, size } = await this.alma.ok('audit.verify');
    assert.equal(ok, true);
    return size;
  }
}

export const asked = (tool: string, days = 7): object => ({ tool, purpose: 'Notes for the marimba orchestra', data_classes: ['internal'], days });
