// The web host: a site with the app's pages in sandboxed frames, on two origins, as in production.
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

import type { Installation } from '../installation.ts';
import { CallRefused, type Platform } from '../platform.ts';
import { policyOf } from './policy.ts';
import { list, page } from './site.ts';
import { type Opening, type View, view } from './views.ts';

export interface Violation {
  module: string;
  directive: string;
  blocked: string;
  sample: string;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export class WebHost {
  /** Every violation of the content policy in any frame. */
  readonly violations: Violation[] = [];
  /** What went wrong in pages unseen. */
  readonly errors: string[] = [];
  #platform: Platform;
  #folder: string;
  #views = new Map<string, View>();
  #site: Server;
  #frames: Server;

  private constructor(platform: Platform, folder: string) {
    this.#platform = platform;
    this.#folder = folder;
    this.#site = createServer((request, response) => void answer(response, () => this.#answerSite(request, response)));
    this.#frames = createServer((request, response) => void answer(response, () => this.#answerFrame(request, response)));
  }

  /** Serves the pages of the app in `folder` (where its manifest is). Without a port the system chooses one. */
  static async start(platform: Platform, folder: string, port = 0): Promise<WebHost> {
    const host = new WebHost(platform, folder);
    const listen = (server: Server, at: number) => new Promise<void>((done, failed) => server.once('error', failed).listen(at, '127.0.0.1', done));
    await Promise.all([listen(host.#site, port), listen(host.#frames, 0)]);
    return host;
  }

  close(): void {
    for (const server of [this.#site, this.#frames]) {
      server.close();
      server.closeAllConnections();
    }
  }

  /** Where the site is. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#site.address() as AddressInfo).port}`;
  }

  // Another host, so another origin and another site: the frame shares nothing with the page around it.
  get #frameOrigin(): string {
    return `http://localhost:${(this.#frames.address() as AddressInfo).port}`;
  }

  /** The address of a page for somebody. */
  address(opening: Opening, site = this.#platform.installations[0]): string {
    const parameters = new URLSearchParams(Object.entries({ site: site?.cloudId ?? '', ...opening }));
    return `${this.origin}/view?${parameters}`;
  }

  async #answerSite(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const { installations, manifest } = this.#platform;
    const site = installations.find(({ cloudId }) => cloudId === url.searchParams.get('site')) ?? (installations[0] as Installation);
    if (url.pathname === '/') return send(response, 200, '.html', list(manifest, site));
    if (url.pathname === '/site.js' || url.pathname === '/site.css') return send(response, 200, extname(url.pathname), read(url.pathname));
    if (url.pathname === '/view') {
      const { site: _, module = '', ...rest } = Object.fromEntries(url.searchParams);
      const surface = manifest.surfaces.get(module);
      if (!surface) return send(response, 404, '.html', 'There is no such page.');
      const opened = view(site, surface, { module, ...rest });
      this.#views.set(opened.id, opened);
      return send(response, 200, '.html', page(opened, manifest, `${this.#frameOrigin}/${opened.id}/`));
    }
    const [, , id = '', name = ''] = url.pathname.split('/');
    const opened = this.#views.get(id);
    // The site's own script asks for JSON from its own origin; a frame of another origin may not.
    if (!opened || request.method !== 'POST' || request.headers.origin !== this.origin) return send(response, 404, '.json', '{}');
    try {
      return send(response, 200, '.json', JSON.stringify({ result: (await this.#bridge(opened, name, await body(request))) ?? null }));
    } catch (error) {
      if (!(error instanceof CallRefused)) console.error(error);
      return send(response, 400, '.json', JSON.stringify({ error: (error as Error).message }));
    }
  }

  async #bridge(opened: View, name: string, payload: any): Promise<unknown> {
    const { installation, surface, accountId, extension } = opened;
    switch (name) {
      case 'getContext':
        return { ...this.#platform.context(installation, surface, accountId, extension), theme: { colorMode: 'light' } };
      case 'invoke':
        return this.#platform.call(installation, surface.key, accountId, payload.functionKey, payload.payload, { extension });
      case 'submit':
        opened.submitted = payload;
        return true;
      case 'createRequest':
        return this.#createRequest(opened, payload.summary);
      case 'violation':
        this.violations.push({ module: surface.key, ...payload });
        return true;
      case 'pageError':
        this.errors.push(`${surface.key}: ${payload.message}`);
        return true;
      default:
        throw new CallRefused(`the bridge has no ${name} here`);
    }
  }

  /** What the portal does when a customer sends the form that the panel is part of. */
  #createRequest({ installation, surface, accountId, submitted, extension }: View, summary: string): { key: string } {
    if (surface.type !== 'jiraServiceManagement:portalRequestCreatePropertyPanel') throw new CallRefused('no request is made here');
    if (submitted?.isValid === false) throw new CallRefused('the panel says that something is missing');
    const portal = (extension['portal'] as { id: string }).id;
    const project = [...installation.jira.projects.values()].find(({ portalId }) => portalId === portal);
    const properties = Object.fromEntries((submitted?.fields ?? []).map(({ key, value }) => [key, value]));
    const issue = installation.jira.issue(project?.key ?? '', { summary, reporter: accountId ?? null, properties });
    this.#platform.tellIssue(installation, 'created', issue);
    return { key: issue.key };
  }

  async #answerFrame(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.#frameOrigin);
    const [, id = '', ...rest] = pathname.split('/');
    if (id === 'reports') return send(response, 204, '.json', '');
    const opened = this.#views.get(id);
    if (!opened) return send(response, 404, '.html', 'This page is closed; open it anew.');
    if (rest[0] === 'forge-bridge.js') return send(response, 200, '.js', read('/bridge.js'));
    const [key = '', entry = ''] = opened.surface.resource.split('/');
    const resource = this.#platform.manifest.resources.get(key);
    const folder = join(this.#folder, resource?.path ?? '');
    const asked = rest.join('/') || (resource?.entry.get(entry) ?? 'index.html');
    const file = normalize(join(folder, decodeURIComponent(asked)));
    if (!file.startsWith(folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return send(response, 404, '.html', `There is no ${asked}.`);
    const content = readFileSync(file);
    if (extname(file) !== '.html') return send(response, 200, extname(file), content);
    const html = content.toString();
    const policy = policyOf(html, this.#platform.manifest.permissions, this.origin, `${this.#frameOrigin}/reports`);
    // First of all scripts, as in production.
    return send(response, 200, '.html', html.replace(/<head[^>]*>/i, '$&<script src="./forge-bridge.js"></script>'), { 'content-security-policy': policy });
  }
}

async function answer(response: ServerResponse, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error);
    send(response, 500, '.html', 'The web host failed.');
  }
}

async function body(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text ? JSON.parse(text) : undefined;
}

function read(name: string): Buffer {
  return readFileSync(`${import.meta.dirname}${name}`);
}

function send(response: ServerResponse, status: number, type: string, content: string | Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': TYPES[type] ?? 'application/octet-stream', 'cache-control': 'no-store', ...headers }).end(content);
}
