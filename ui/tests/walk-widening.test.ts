/**
 * A change of a tool that gives more, as people see it, against the shipped server: one administrator makes it, and it waits; another sees
 * what would change, and agrees.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { arrive, profile } from './profiles.ts';
import { startSite, type Site } from './site.ts';

let data: string;
let site: Site;
let browser: Browser;
const complaints: string[] = [];

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'clearance-walk-widening-'));
  site = await startSite(data);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

test('what gives more waits until a second administrator agrees', async () => {
  const [ada, bea, ben] = await Promise.all([1, 2, 3].map(() => profile(browser, complaints)));
  assert.ok(ada && bea && ben);
  await arrive(site, ada, 'Ada', 'administrator');
  await arrive(site, bea, 'Bea', 'administrator');
  await arrive(site, ben, 'Ben', 'member');
  const { tool } = (await site.operation('catalog.put', {
    name: 'Note taker',
    vendor: 'Example',
    category: 'assistant',
    summary: 'For tests',
    risk: 'low',
    status: 'requestable',
    data_classes: ['internal'],
    default_days: 7,
    max_days: 30,
  })) as { tool: { id: string } };

  // Somebody asks: from now on nobody changes alone what others get.
  await ben.goto(`${site.address}/app#/tools/${tool.id}/request`);
  await ben.getByLabel('Purpose').fill('Minutes of our meetings');
  await ben.getByLabel(/^Internal/).check();
  await ben.getByRole('button', { name: 'Send the request' }).click();
  await ben.getByRole('heading', { level: 1, name: 'Request for Note taker' }).waitFor();

  await ada.goto(`${site.address}/admin#/catalog/${tool.id}`);
  await ada.getByLabel('Longest duration in days').fill('60');
  await ada.getByRole('button', { name: 'Save the tool', exact: true }).click();
  await ada.getByText('Note taker waits for a second administrator').waitFor();
  const what = 'Change the tool Note taker';
  await ada.getByText(what).waitFor();
  assert.equal(await ada.getByRole('button', { name: `Confirm: ${what}` }).count(), 0);

  await bea.goto(`${site.address}/admin#/catalog`);
  await bea.getByText('Longest duration: 30 days → 60 days.').waitFor();
  await bea.getByRole('button', { name: `Confirm: ${what}` }).click();
  const agreeing = bea.getByRole('dialog');
  await agreeing.getByText('Longest duration: 30 days → 60 days.').waitFor();
  await agreeing.getByRole('button', { name: 'Confirm' }).click();
  await agreeing.waitFor({ state: 'detached' });
  await bea.goto(`${site.address}/admin#/catalog/${tool.id}`);
  assert.equal(await bea.getByLabel('Longest duration in days').inputValue(), '60');
  assert.deepEqual(complaints, []);
});
