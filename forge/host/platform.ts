// The platform: installations of the app, and the one warm process that runs the app's functions for all of them.
import { type AppCall, type Outside, perform, tell } from './calls.ts';
import type { Clock } from './clock.ts';
import { VirtualClock } from './clock.ts';
import { Installation, type ProductEvent } from './installation.ts';
import { describeIssue } from './jira/routes.ts';
import { eventScope } from './jira/scopes.ts';
import type { Issue } from './jira/site.ts';
import type { Handler, Manifest, Surface, Trigger } from './manifest.ts';
import { Random } from './random.ts';
import { TokenSigner } from './remote.ts';
import type { Bundle } from './runtime/bundle.ts';
import { installGlobals, type Invocation, under } from './runtime/context.ts';

/** What came of an invocation. */
export type Outcome = { returned: unknown } | { error: { name: string; message: string } };

/** How a function is called. */
export interface Request_ {
  function: string;
  body: unknown;
  moduleKey: string;
  moduleType: string;
  principal?: string;
  generation?: number;
  /** Makes the WebAssembly module trap in the middle. */
  trap?: boolean;
}

const MAX_FRONT_END = 500 * 1024;
const MAX_RESPONSE = 5 * 1024 * 1024;
const MAX_EVENT_ATTEMPTS = 5;
const MAX_LOG_LINES = 100;
const MAX_LOG_BYTES = 200 * 1024;

/** A page's call was refused by the platform itself, before the app ran or after. */
export class CallRefused extends Error {}

export class Platform {
  readonly manifest: Manifest;
  readonly clock: Clock;
  readonly signer: TokenSigner;
  readonly outside: Outside = { remotes: new Map() };
  readonly installations: Installation[] = [];
  /** How much time a call to the platform takes, in milliseconds. */
  latency = 0;
  /** What failed without anybody being told: triggers, schedules, consumers. */
  readonly failures: { function: string; message: string }[] = [];
  bundle: Bundle;
  #random: Random;

  constructor(manifest: Manifest, bundle: Bundle, { clock = new VirtualClock('2026-11-23T09:00:00.000Z'), seed = 'platform', signingKey }: { clock?: Clock; seed?: string; signingKey?: string } = {}) {
    this.manifest = manifest;
    this.bundle = bundle;
    this.clock = clock;
    this.#random = new Random(seed);
    this.signer = new TokenSigner(clock, () => this.#random.uuid(), signingKey);
    installGlobals();
  }

  /** Puts the app on a site, as `installer`. The app hears of it with the next deliveries. */
  install(name: string, installer?: string): Installation {
    const installation = new Installation(this.manifest, this.clock, name, () => this.#random.uuid());
    this.installations.push(installation);
    this.tell(installation, 'avi:forge:installed:app', { id: installation.id, installerAccountId: installer, app: { id: this.manifest.appId, version: '1.0.0' } });
    return installation;
  }

  /** Tells an installation's app of something, at its next delivery. */
  tell(installation: Installation, event: string, payload: Record<string, unknown>): void {
    tell(installation, event, payload, false, this.clock.now());
  }

  /** Tells of an issue what people did to it. */
  tellIssue(installation: Installation, what: 'created' | 'updated' | 'deleted', issue: Issue): void {
    this.tell(installation, `avi:jira:${what}:issue`, { issue: describeIssue(installation.jira, issue) });
  }

  /** A call from one of the app's pages: `functionKey` and `payload` as the page gave them, everything else as the platform knows it. */
  async call(installation: Installation, moduleKey: string, accountId: string | undefined, functionKey: string, payload: unknown, over: { extension?: Record<string, unknown>; trap?: boolean } = {}): Promise<unknown> {
    const surface = this.manifest.surfaces.get(moduleKey);
    if (!surface?.resolver) throw new CallRefused(`there is no module ${moduleKey} with a resolver`);
    if (Buffer.byteLength(JSON.stringify(payload ?? null)) > MAX_FRONT_END) throw new CallRefused('PAYLOAD_TOO_LARGE');
    this.#admit(installation, surface, accountId);
    const outcome = await this.invoke(installation, {
      function: surface.resolver,
      body: {
        call: { functionKey, payload },
        context: this.context(installation, surface, accountId, over.extension),
      },
      moduleKey,
      moduleType: surface.type,
      ...(accountId !== undefined && { principal: accountId }),
      ...(over.trap && { trap: true }),
    });
    // Pages learn nothing of what went wrong inside.
    if ('error' in outcome) throw new CallRefused(`There was an error invoking the function - ${outcome.error.message}`);
    if (Buffer.byteLength(JSON.stringify(outcome.returned ?? null)) > MAX_RESPONSE) throw new CallRefused('RESPONSE_TOO_LARGE');
    return outcome.returned;
  }

  /** What a page knows of where it is, and the app of a call. */
  context(installation: Installation, surface: Surface, accountId: string | undefined, extension: Record<string, unknown> = {}): Record<string, unknown> {
    const account = accountId === undefined ? undefined : installation.jira.accounts.get(accountId);
    return {
      ...(accountId !== undefined && { accountId }),
      accountType: account === undefined ? 'anonymous' : account.accountType === 'customer' ? 'customer' : account.licensed ? 'licensed' : 'unlicensed',
      cloudId: installation.cloudId,
      localId: `ari:cloud:ecosystem::extension/${this.manifest.appId.split('/').at(-1)}/${installation.environmentId}/static/${surface.key}`,
      environmentId: installation.environmentId,
      environmentType: 'DEVELOPMENT',
      moduleKey: surface.key,
      siteUrl: `https://${installation.cloudId}.atlassian.net`,
      timezone: 'UTC',
      locale: 'en-US',
      extension: { ...extension, type: surface.type },
    };
  }

  /** Runs a function once. */
  async invoke(installation: Installation, request: Request_): Promise<Outcome> {
    const handler = this.manifest.functions.get(request.function);
    if (!handler) throw new Error(`the manifest has no function ${request.function}`);
    const { started, invocation, second } = this.#begin(installation, handler, request);
    return under(invocation, async () => {
      try {
        const returned = await this.bundle.handler(handler.handler)(structuredClone(request.body), second);
        if (this.clock.now() - started > handler.timeoutSeconds * 1_000) throw new Error('The function timed out');
        return { returned: returned === undefined ? undefined : JSON.parse(JSON.stringify(returned)) };
      } catch (error) {
        const { name, message } = error as Error;
        return { error: { name, message } };
      }
    });
  }

  #begin(installation: Installation, handler: Handler, request: Request_) {
    const started = this.clock.now();
    const limit = handler.timeoutSeconds * 1_000;
    const invocationId = this.#random.uuid();
    const names = { moduleType: request.moduleType, moduleKey: request.moduleKey, environmentId: installation.environmentId, environmentType: 'DEVELOPMENT' };
    const license = { active: installation.licensed, isActive: installation.licensed };
    const claims = { appId: this.manifest.appId, appVersion: '1.0.0', installationId: installation.id, ...names };
    let lines = 0;
    let bytes = 0;
    const none = { incr() {}, incrBy() {}, decr() {}, decrBy() {}, set() {}, measure: () => ({ stop() {} }) };
    const invocation: Invocation = {
      installation,
      clock: this.clock,
      random: new Random(invocationId),
      generation: request.generation ?? 0,
      ...(request.principal !== undefined && { principal: request.principal }),
      runtime: {
        metrics: { counter: () => none, gauge: () => none, timing: () => none },
        appContext: { appId: this.manifest.appId, appVersion: '1.0.0', installationId: installation.id, invocationId, functionKey: handler.key, license, ...names },
        lambdaContext: { getRemainingTimeInMillis: () => Math.max(0, limit - (this.clock.now() - started)) },
        aaid: request.principal,
        contextAri: `ari:cloud:jira::site/${installation.cloudId}`,
        proxy: { token: `local-${invocationId}` },
        tracing: { traceId: '0'.repeat(32), spanId: '0'.repeat(16) },
        container: { appCodeDir: this.bundle.folder },
        externalAuth: [],
      },
      fetch: async (meta, path, init) => {
        if (this.latency > 0) await this.clock.sleep(this.latency);
        // What comes after the time limit comes from a process that is gone.
        if (this.clock.now() - started > limit) throw new Error('The function timed out');
        const call: AppCall = {
          manifest: this.manifest,
          installation,
          clock: this.clock,
          signer: this.signer,
          outside: this.outside,
          claims: { ...claims, ...(request.principal !== undefined && { principal: request.principal }) },
          generation: request.generation ?? 0,
          ...(request.principal !== undefined && { principal: request.principal }),
          meta,
          path: String(path),
          init: init ?? {},
        };
        return perform(call);
      },
      log: (level, text) => {
        lines += 1;
        bytes += Buffer.byteLength(text);
        // Beyond that the platform drops what is logged.
        if (lines <= MAX_LOG_LINES && bytes <= MAX_LOG_BYTES) installation.log.push({ level, text });
      },
      ...(request.trap && { trap: true }),
    };
    const second = {
      installContext: `ari:cloud:jira::site/${installation.cloudId}`,
      installation: { ari: { installationId: installation.id }, contexts: [{ cloudId: installation.cloudId }] },
      license,
      ...(request.principal !== undefined && { principal: { accountId: request.principal } }),
    };
    return { started, invocation, second };
  }

  #admit(installation: Installation, surface: Surface, accountId: string | undefined): void {
    const account = accountId === undefined ? undefined : installation.jira.accounts.get(accountId);
    if (accountId !== undefined && !account?.active) throw new CallRefused('UNAUTHORIZED');
    const sort = account === undefined ? 'anonymous' : account.licensed ? undefined : account.accountType === 'customer' ? 'customer' : 'unlicensed';
    // Portal detail and user menu are for signed-in customers anyway.
    const portal = surface.type.startsWith('jiraServiceManagement:portal') && sort !== 'anonymous';
    if (sort !== undefined && !portal && !surface.unlicensedAccess.includes(sort)) throw new CallRefused('UNAUTHORIZED');
  }

  /** Lets time pass, and whatever is due in it happen in order: events, queues, schedules. Only on a clock that can be moved. */
  async advance(milliseconds: number): Promise<void> {
    if (!(this.clock instanceof VirtualClock)) throw new Error('this clock cannot be moved');
    const until = this.clock.now() + milliseconds;
    for (;;) {
      const due = this.installations.map((installation) => installation.next() ?? Infinity);
      const next = Math.min(...due, Infinity);
      if (next > until) break;
      this.clock.set(next);
      await this.deliver();
    }
    this.clock.set(until);
  }

  /** Lets time pass in which the platform stands still: what was due meanwhile is due now, of each schedule one run. */
  skip(milliseconds: number): void {
    if (!(this.clock instanceof VirtualClock)) throw new Error('this clock cannot be moved');
    this.clock.pass(milliseconds);
    for (const installation of this.installations) installation.missSchedules(this.clock.now());
  }

  /** Delivers what is due now, one after the other, until nothing is. */
  async deliver(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = false;
      for (const installation of [...this.installations]) busy = (await this.#deliverTo(installation)) || busy;
    }
  }

  async #deliverTo(installation: Installation): Promise<boolean> {
    const now = this.clock.now();
    const event = installation.takeEvent(now);
    if (event) {
      await this.#trigger(installation, event);
      return true;
    }
    const queued = installation.queues.take();
    if (queued) {
      const { due: _due, pushed: _pushed, generation, ...body } = queued;
      const outcome = await this.invoke(installation, {
        function: this.manifest.consumers.get(queued.queueName) ?? '',
        body,
        moduleKey: queued.queueName,
        moduleType: 'core:consumer',
        generation,
      });
      this.#note(queued.queueName, outcome);
      installation.queues.settle(queued, 'error' in outcome ? undefined : outcome);
      return true;
    }
    const schedule = installation.takeSchedule(now);
    if (!schedule) return false;
    const body = { context: { cloudId: installation.cloudId, moduleKey: schedule.key, userAccess: { enabled: false } }, contextToken: 'local' };
    // A schedule that fails is not repeated.
    this.#note(schedule.key, await this.invoke(installation, { function: schedule.function, body, moduleKey: schedule.key, moduleType: 'core:scheduledTrigger' }));
    return true;
  }

  async #trigger(installation: Installation, event: ProductEvent): Promise<void> {
    const scope = eventScope(event.event);
    if (scope !== undefined && !this.manifest.scopes.has(scope)) return;
    const hears = (trigger: Trigger) => trigger.events.includes(event.event) && !(trigger.ignoreSelf && event.own);
    for (const trigger of this.manifest.triggers.filter(hears)) {
      const outcome = await this.invoke(installation, { function: trigger.function, body: structuredClone(event.payload), moduleKey: trigger.key, moduleType: 'core:trigger' });
      this.#note(trigger.key, outcome);
      const again = 'error' in outcome || (outcome.returned as { _retry?: boolean } | undefined)?._retry;
      if (!again || event.attempt + 1 >= MAX_EVENT_ATTEMPTS) continue;
      const wish = 'error' in outcome ? undefined : (outcome.returned as { retryOptions?: { retryAfter?: number } }).retryOptions?.retryAfter;
      installation.events.push({ ...event, attempt: event.attempt + 1, due: this.clock.now() + (wish ?? 60) * 1_000 });
    }
  }

  /** Tells the app that it is about to leave a site, and takes it away. */
  async uninstall(installation: Installation): Promise<void> {
    for (const name of this.manifest.preUninstall) {
      this.#note(name, await this.invoke(installation, { function: name, body: { cloudId: installation.cloudId }, moduleKey: name, moduleType: 'core:preUninstall' }));
    }
    this.installations.splice(this.installations.indexOf(installation), 1);
  }

  #note(name: string, outcome: Outcome): void {
    if ('error' in outcome) this.failures.push({ function: name, message: outcome.error.message });
  }
}
