import { errorFrom, unreachable } from './errors';
import type { Transport } from './transport';

/** `POST /api/v1/{operation}` with the session cookie. The custom header keeps other sites from forging our requests. */
export const httpTransport: Transport = {
  async call(operation, input, idempotencyKey) {
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-Clearance-CSRF': '1' };
    if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey;
    const response = await send(`/api/v1/${operation}`, { method: 'POST', headers, body: JSON.stringify(input) });
    if (!response.ok) throw await errorFrom(response);
    return response.json() as Promise<unknown>;
  },
};

/** `fetch` against our own server; a request that got no answer rejects with `unreachable`. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(path, { credentials: 'same-origin', cache: 'no-store', redirect: 'error', ...init });
  } catch {
    throw unreachable();
  }
}
