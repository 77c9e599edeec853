// What the platform answers to a call, and how it says no.

/** An answer of the platform: a status, JSON or nothing, headers. */
export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The platform's no: thrown inside, and given to the app as a status and a JSON body with `code` and `message`. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string = code, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  reply(): Reply {
    return { status: this.status, body: { code: this.code, message: this.message }, headers: this.headers };
  }
}

/** As `fetch` would give it. */
export function toResponse({ status, body, headers = {} }: Reply): Response {
  const empty = body === undefined || status === 204;
  const text = empty ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(text, { status, headers: { 'content-type': 'application/json', 'x-trace-id': 'local', ...headers } });
}
