/**
 * Jira's side of the bridge, for pages opened by themselves: theme, context, address, and calls that the sample API answers. The same
 * pages in a real sandboxed frame, with the bundled app behind them, are opened by `forge-app.test.ts`.
 */
import type { Page } from 'playwright-core';
import type { Api } from './server.ts';

export interface Module {
  moduleKey: string;
  extension?: object;
  accountId?: string | null;
  colorMode?: 'light' | 'dark';
}

/** What the page told Jira. */
export interface Told {
  submitted: { fields: { key: string; value: unknown }[]; isValid: boolean }[];
  opened: string[];
  pushed: string[];
  invoked: { operation: string; input: unknown; idempotency_key?: string }[];
}

export async function inJira(
  page: Page,
  api: Api,
  { moduleKey, extension = {}, accountId = '5b10', colorMode = 'light' }: Module,
): Promise<Told> {
  const told: Told = { submitted: [], opened: [], pushed: [], invoked: [] };
  const answers: Record<string, (payload: never) => unknown> = {
    getContext: () => ({ ...(accountId ? { accountId } : {}), moduleKey, timezone: 'Europe/Berlin', extension }),
    submit: (payload: Told['submitted'][number]) => told.submitted.push(payload) > 0,
    navigate: ({ url }: { url: string }) => told.opened.push(url),
    push: (path: string) => told.pushed.push(path),
    invoke: async ({ payload }: { payload: Told['invoked'][number] }) => {
      told.invoked.push(payload);
      const { status, body } = await api.answer(`/api/v1/${payload.operation}`, 'POST', payload.input, {});
      if (status < 300) return { ok: body };
      const { error } = body as { error: { code: string } };
      return status >= 500 ? { failed: { code: error.code } } : { refused: error };
    },
  };
  await page.exposeFunction('askJira', (name: string, payload: unknown) => answers[name]?.(payload as never) ?? null);
  await page.addInitScript(script(colorMode));
  return told;
}

/** As text: what transpiles these files would put names into a function that the page does not know. */
const script = (colorMode: string) => `(() => {
  const location = { pathname: '/', search: '', hash: '' };
  const local = {
    enableTheming: () => void Object.assign(document.documentElement.dataset, { colorMode: '${colorMode}', theme: 'light:light dark:dark' }),
    createHistory: () => ({ location, listen: () => () => undefined, push: (path) => askJira('push', path) }),
  };
  globalThis.__bridge = { callBridge: async (name, payload) => (local[name] ? local[name]() : askJira(name, payload)) };
})()`;
