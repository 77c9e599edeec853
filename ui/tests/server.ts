/**
 * A loopback server for tests: the built pages under the shipped content security policy, and an API made of functions.
 * The real server is `clearance serve`; this one exists so that the pages can be looked at without it.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const securityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface Answer {
  status: number;
  body?: unknown;
}

export interface Api {
  /** `path` is for example `/session` or `/api/v1/grants.list`; `body` the JSON sent, if any. */
  answer(path: string, method: string, body: unknown, headers: IncomingMessage['headers']): Answer | Promise<Answer>;
}

/** Nobody is signed in, and nothing else exists. */
export const signedOut: Api = {
  answer: () => ({ status: 401, body: { error: { code: 'not_signed_in', message: 'nobody is signed in', details: {} }, oidc: null } }),
};

export async function serve(api: Api): Promise<{ origin: string; close(): Promise<void> }> {
  if (!existsSync(join(dist, 'app.html'))) throw new Error('the pages are not built; run `npm run build` first');
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '/', 'http://loopback');
      if (pathname.startsWith('/api/') || pathname.startsWith('/session')) {
        let text = '';
        for await (const chunk of request) text += String(chunk);
        const { status, body } = await api.answer(pathname, request.method ?? 'GET', text ? JSON.parse(text) : null, request.headers);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
        return;
      }
      const file = fileFor(pathname);
      const content = await readFile(join(dist, file));
      response.writeHead(200, {
        'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': securityPolicy,
      });
      response.end(content);
    })().catch((error: unknown) => {
      response.writeHead(404);
      response.end(String(error));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function fileFor(pathname: string): string {
  if (pathname === '/app' || pathname === '/') return 'app.html';
  if (pathname === '/admin') return 'admin.html';
  if (pathname === '/sign-in' || pathname === '/set-up') return 'sign-in.html';
  return normalize(pathname).replace(/^(\.\.[/\\])+/, '');
}
