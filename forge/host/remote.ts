// Calls to the app's own service: with the platform's invocation token, as the real platform signs one.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from './clock.ts';

/** How long a token is good, in seconds. */
const LIFE = 25;

export interface TokenClaims {
  appId: string;
  appVersion: string;
  installationId: string;
  environmentId: string;
  environmentType: string;
  moduleKey: string;
  moduleType: string;
  /** Account of the person who called, in calls from a page. */
  principal?: string;
}

/** Signs invocation tokens (RS256) and serves the key that checks them. */
export class TokenSigner {
  readonly keyId = 'forge/invocation-token/local';
  #key: KeyObject;
  #clock: Clock;
  #uuid: () => string;
  #server: Server | undefined;

  constructor(clock: Clock, uuid: () => string, pem?: string) {
    this.#key = pem ? createPrivateKey(pem) : generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
    this.#clock = clock;
    this.#uuid = uuid;
  }

  token(claims: TokenClaims, over: Record<string, unknown> = {}): string {
    const now = Math.floor(this.#clock.now() / 1_000);
    const header = { alg: 'RS256', typ: 'JWT', kid: this.keyId };
    const payload = {
      app: {
        id: claims.appId,
        appVersion: claims.appVersion,
        installationId: claims.installationId,
        apiBaseUrl: 'https://api.atlassian.com/ex/jira/local',
        environment: { type: claims.environmentType, id: claims.environmentId },
        module: { type: claims.moduleType, key: claims.moduleKey },
        installation: { id: claims.installationId, contexts: [{ name: 'jira', apiBaseUrl: 'https://api.atlassian.com/ex/jira/local' }] },
      },
      ...(claims.principal !== undefined && { principal: claims.principal }),
      iss: 'forge/invocation-token',
      aud: claims.appId,
      iat: now,
      nbf: now,
      exp: now + LIFE,
      jti: this.#uuid(),
      ...over,
    };
    const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), this.#key).toString('base64url')}`;
  }

  /** The public key, as the platform's set of keys shows it. */
  jwks(): { keys: object[] } {
    return { keys: [{ ...createPublicKey(this.#key).export({ format: 'jwk' }), kid: this.keyId, alg: 'RS256', use: 'sig' }] };
  }

  /** Serves the key set on loopback; answers its address. */
  async listen(): Promise<string> {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(this.jwks()));
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`;
  }

  close(): void {
    this.#server?.close();
  }
}

/** What answers calls to a remote: a program at an address, or a function in a test. */
export type RemoteTarget = string | ((request: Request) => Promise<Response> | Response);

/** Sends a call of the app to its remote, whose address in the manifest is `baseUrl`, wherever it is in truth. */
export async function callRemote(target: RemoteTarget, baseUrl: string, path: string, init: RequestInit, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  headers.set('x-b3-traceid', '0'.repeat(32));
  headers.set('x-b3-spanid', '0'.repeat(16));
  const url = new URL(path, baseUrl);
  if (typeof target !== 'string') return target(new Request(url, { ...init, headers, redirect: 'manual' }));
  return send(new URL(url.pathname + url.search, target), url.host, init, headers);
}

// Not `fetch`, which allows nobody to name another host than the one that it connects to.
function send(to: URL, host: string, { method = 'GET', body }: RequestInit, headers: Headers): Promise<Response> {
  return new Promise((done, failed) => {
    const fields = { ...Object.fromEntries(headers), host };
    const asked = request(to, { method, headers: fields }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part)).on('error', failed);
      answer.on('end', () => {
        const told = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
        done(new Response(Buffer.concat(parts), { status: answer.statusCode ?? 502, headers: told }));
      });
    });
    asked.on('error', () => failed(new TypeError('fetch failed'))).end(typeof body === 'string' ? body : undefined);
  });
}
