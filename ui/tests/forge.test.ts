import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { inJira, type Module, type Told } from './bridge.ts';
import { launchBrowser } from './browser.ts';
import { accessibilityFaults, complaintsOf } from './checks.ts';
import { mockApi, Refused } from './mock/api.ts';
import { draft } from './mock/issues.ts';
import { type Api, serve } from './server.ts';

let browser: Browser;
let server: Awaited<ReturnType<typeof serve>>;
before(async () => {
  mkdirSync('test-results', { recursive: true });
  // Nothing may ask this server for data: in Jira all goes through the bridge.
  server = await serve({ answer: () => ({ status: 599, body: {} }) });
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await server.close();
});

interface Opened {
  page: Page;
  told: Told;
  complaints: string[];
}

async function opened(file: string, module: Module, work: (opened: Opened) => Promise<void>, api: Api = mockApi()): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 820, height: 700 }, locale: 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(6_000);
  const complaints = complaintsOf(page);
  page.on('requestfailed', (request) => complaints.push(`asked in vain: ${request.url()}`));
  try {
    const told = await inJira(page, api, module);
    await page.goto(`${server.origin}/${file}`);
    await work({ page, told, complaints });
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const about = (id: string) => ({ issue: { id, key: 'HELP-1' } });
const asked = (id: string) => ({ portal: { id: '1' }, request: { id } });

const surfaces: [name: string, file: string, module: Module, shown: string, act?: (page: Page) => Promise<void>][] = [
  ['admin', 'admin.html', { moduleKey: 'admin' }, 'Requests that wait for you'],
  ['admin-pair', 'admin.html#/connectors', { moduleKey: 'admin' }, 'Not paired with Core yet'],
  ['app', 'app.html', { moduleKey: 'app' }, 'GitHub Copilot Business'],
  ['portal-access', 'portal.html', { moduleKey: 'portal-access' }, 'GitHub Copilot Business'],
  ['portal-create', 'portal.html', { moduleKey: 'portal-create' }, 'This request is for access to an AI tool'],
  ['portal-create-filled', 'portal.html', { moduleKey: 'portal-create' }, 'Ready. Send the request', fillIn],
  ['portal-create-anonymous', 'portal.html', { moduleKey: 'portal-create', accountId: null }, 'Sign in to ask for access'],
  ['portal-detail', 'portal.html', { moduleKey: 'portal-detail', extension: asked('10001') }, 'Security or Administrators'],
  ['portal-detail-active', 'portal.html', { moduleKey: 'portal-detail', extension: asked('10004') }, 'Access works'],
  [
    'portal-detail-extend',
    'portal.html',
    { moduleKey: 'portal-detail', extension: asked('10004') },
    'How many more days?',
    press(/^Extend/),
  ],
  [
    'portal-detail-confirm',
    'portal.html',
    { moduleKey: 'portal-detail', extension: asked('10003') },
    'Which tool?',
    press('Look and confirm'),
  ],
  ['portal-detail-other', 'portal.html', { moduleKey: 'portal-detail', extension: asked('1') }, 'not about an AI tool'],
  ['issue', 'agent.html', { moduleKey: 'issue', extension: about('10002') }, 'Jira says something else'],
  ['issue-deny', 'agent.html', { moduleKey: 'issue', extension: about('10002') }, 'Reason', press('Deny')],
  ['issue-waits', 'agent.html', { moduleKey: 'issue', extension: about('10003') }, 'Nothing is asked for yet'],
  ['queue', 'agent.html', { moduleKey: 'queue' }, 'Its reporter, to confirm'],
];

for (const colorMode of ['light', 'dark'] as const) {
  test(`every surface in Jira has content, obeys the security policy and passes axe: ${colorMode}`, async (context) => {
    for (const [name, file, module, shown, act] of surfaces) {
      await context.test(name, () =>
        opened(file, { ...module, colorMode }, async ({ page }) => {
          await page.waitForLoadState('networkidle');
          await act?.(page);
          await page.getByText(shown).first().waitFor();
          await page.waitForTimeout(300);
          await page.screenshot({ path: `test-results/forge-${name}-${colorMode}.png`, fullPage: true });
          assert.equal(await page.locator('html').getAttribute('data-color-mode'), colorMode);
          assert.deepEqual(await accessibilityFaults(page), []);
        }),
      );
    }
  });
}

test('the panel hands the portal only the draft, and only once everything is filled in', () =>
  opened('portal.html', { moduleKey: 'portal-create' }, async ({ page, told }) => {
    await page.getByText('This request is for access').waitFor();
    assert.deepEqual(told.submitted.at(-1), { fields: [], isValid: true });
    await fillIn(page);
    await page.getByText('Ready. Send the request').waitFor();
    assert.deepEqual(told.submitted.at(-1), {
      fields: [{ key: 'clearance', value: { draft: draft.draft, hash: draft.hash } }],
      isValid: true,
    });
    assert.ok(told.submitted.slice(1, -1).every(({ isValid }) => !isValid));
    await page.getByLabel('Purpose').fill('Something else');
    await page.getByText('Keeping what you filled in').waitFor();
    assert.deepEqual(told.submitted.at(-1), { fields: [], isValid: false });
    await page.getByText('This request is for access').click();
    await page.getByText('Tick this to say').waitFor();
    assert.deepEqual(told.submitted.at(-1), { fields: [], isValid: true });
  }));

test('the reporter confirms, with an idempotency key', () =>
  opened('portal.html', { moduleKey: 'portal-detail', extension: asked('10003') }, async ({ page, told }) => {
    await page.getByRole('button', { name: 'Look and confirm' }).click();
    await page.getByText('I have read the usage policy').click();
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByText('The request is sent').waitFor();
    const { operation, input, idempotency_key: key } = told.invoked.find((call) => call.operation === 'intake.confirm')!;
    assert.equal((input as { issue: string }).issue, '10003');
    assert.equal(operation && key?.length, 32);
  }));

test('an administrator pairs with Core by its one-time code', () =>
  opened('admin.html#/connectors', { moduleKey: 'admin' }, async ({ page, told }) => {
    await page.getByRole('button', { name: 'Pair with Core' }).click();
    await page.getByLabel('One-time code').fill(' code-1 ');
    await page.getByRole('dialog').getByRole('button', { name: 'Pair with Core' }).click();
    await page.getByText('Paired with Core').first().waitFor();
    assert.deepEqual(told.invoked.find(({ operation }) => operation === 'core.pair')?.input, { code: 'code-1' });
  }));

test('a refusal keeps its code through the bridge', () =>
  opened(
    'portal.html',
    { moduleKey: 'portal-detail', extension: asked('10004') },
    async ({ page }) => {
      await page.getByRole('button', { name: /^Give back/ }).click();
      await page.locator('form').getByRole('button', { name: 'Give back' }).click();
      await page.getByText('This access has changed meanwhile').waitFor();
    },
    mockApi({ 'grants.give_back': () => new Refused(409, 'grant_state', 'it moved on') }),
  ));

test('following a link tells Jira the address', () =>
  opened('app.html', { moduleKey: 'app' }, async ({ page, told }) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Approved tools' }).click();
    await page.getByRole('heading', { level: 1, name: 'Approved tools' }).waitFor();
    assert.equal(told.pushed.at(-1), '/tools');
  }));

test('an issue of the queue opens in Jira, not in the frame', () =>
  opened('agent.html', { moduleKey: 'queue' }, async ({ page, told }) => {
    await page.getByRole('link', { name: 'Open the issue: number 10003' }).click();
    await page.waitForTimeout(100);
    assert.deepEqual(told.opened, ['/issues/?jql=id%20%3D%2010003']);
  }));

test('outside Jira the panels say where they belong', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.origin}/portal.html`);
  await page.getByRole('heading', { level: 1, name: 'This page belongs inside Jira' }).waitFor();
  await page.close();
});

function press(name: string | RegExp) {
  return (page: Page) => page.getByRole('button', { name }).first().click();
}

async function fillIn(page: Page): Promise<void> {
  await page.getByText('This request is for access').click();
  await page.getByLabel('Which tool?').fill('DeepL');
  await page.keyboard.press('Enter');
  await page.getByLabel('Purpose').fill('Translate release notes.');
  await page.getByLabel(/^Internal/).check();
}
