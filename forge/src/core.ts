// The way to ArdSaor Core: the manifest's remote. The module signed the request and verifies the answer; the platform adds its invocation
// token, which says which app and installation call. Neither header nor body is ever logged.
import { invokeRemote } from '@forge/api';

import { unavailable } from './operation/protocol';

export interface CoreAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Core's answers are small; a larger one is not Core's. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export async function callCore(request: { path: string; headers: Record<string, string>; body: string }): Promise<CoreAnswer> {
  const { path, headers, body } = request;
  const response = await invokeRemote('core', { path, method: 'POST', headers, body });
  const answer = await response.text();
  if (Buffer.byteLength(answer) > MAX_ANSWER_BYTES) throw unavailable('the answer of Core is too large');
  const fields: Record<string, string> = {};
  response.headers.forEach((value, name) => (fields[name.toLowerCase()] = value));
  return { status: response.status, headers: fields, body: answer };
}
