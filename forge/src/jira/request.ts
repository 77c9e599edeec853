// Calls to Jira, always as the app. Every path used here is a row of tools/endpoints.json, from which the manifest's scopes are checked.
import { asApp, type Route } from '@forge/api';

import { EffectFailure, unavailable } from '../operation/protocol';

export interface JiraAnswer {
  status: number;
  // Jira's answers are read field by field and never passed on whole.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any;
}

/** Sends it; 404 and 400 are answers that the caller understands, anything else that is no success is a failure. */
export async function jira(path: Route, init: { method?: string; body?: unknown } = {}): Promise<JiraAnswer> {
  const response = await asApp().requestJira(path, {
    method: init.method ?? 'GET',
    headers: { accept: 'application/json', ...(init.body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  const { status } = response;
  if (status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after'));
    throw unavailable(`Jira answers ${status}`, Number.isInteger(seconds) && seconds > 0 ? seconds : undefined);
  }
  // Right after an installation the app's own permissions may not be there yet.
  if (status === 401 || status === 403) throw unavailable(`Jira answers ${status}`);
  const text = await response.text();
  return { status, json: text === '' ? {} : JSON.parse(text) };
}

/** A success, or what Jira refuses and would refuse again. */
export function accepted({ status }: JiraAnswer, what: string): void {
  if (status >= 400) throw new EffectFailure('refused', `Jira answers ${status} to ${what}`);
}
