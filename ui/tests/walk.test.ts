/**
 * The main job in a real browser, against the shipped server on a real database file: a person asks, another approves, access is
 * seen and ends at its expiry, and each step stands in the log, which verifies. Only the clock is the test's.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { arrive, profile, signIn } from './profiles.ts';
import { day, program, readable, startSite, type Site } from './site.ts';

let data: string;
let site: Site;
let browser: Browser;
let requester: Page;
let approver: Page;
const complaints: string[] = [];

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'clearance-walk-'));
  site = await startSite(data);
  browser = await launchBrowser();
  await site.operation('catalog.load_starter', {});
  [requester, approver] = [await profile(browser, complaints), await profile(browser, complaints)];
});

after(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

test('from asking to the end of access, each step in a log that verifies', async () => {
  await arrive(site, approver, 'Ada', 'administrator');
  await arrive(site, requester, 'Ben', 'member');

  // Browse, and ask.
  await requester.getByRole('link', { name: 'Approved tools' }).first().click();
  await requester.getByRole('heading', { level: 1, name: 'Approved tools' }).waitFor();
  await requester.getByLabel('Search').fill('GitHub Copilot');
  await requester
    .getByRole('link', { name: /GitHub Copilot Business/ })
    .first()
    .click();
  await requester
    .getByRole('link', { name: /Request access/ })
    .first()
    .click();
  await requester.getByLabel('Purpose').fill('Review pull requests of the importer');
  await requester.getByLabel(/^Internal/).check();
  await requester.getByLabel('For how many days?').fill('30');
  const policy = requester.getByLabel(/I have read the usage policy/);
  if (await policy.count()) await policy.check();
  await requester.getByText('People will decide').waitFor();
  await requester.getByRole('button', { name: 'Send the request' }).click();
  await requester.getByRole('heading', { level: 1, name: 'Request for GitHub Copilot Business' }).waitFor();
  await requester.getByText('Waiting for approval').first().waitFor();

  // Another person approves.
  await approver.goto(`${site.address}/app#/approvals`);
  await approver
    .getByRole('link', { name: 'Review the request of Ben for GitHub Copilot Business' })
    .or(approver.getByRole('button', { name: 'Review the request of Ben for GitHub Copilot Business' }))
    .first()
    .click();
  await approver.getByRole('button', { name: 'Approve', exact: true }).click();
  const dialog = approver.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Fits the purpose');
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });

  // It is seen under My access, with its end.
  await requester.goto(`${site.address}/app#/my-access`);
  const row = requester.getByRole('row').filter({ hasText: 'GitHub Copilot Business' });
  await row.getByText('Active').waitFor();
  await row.getByText(readable(30)).waitFor();

  // The clock passes the end.
  assert.equal((await site.advanceDays(31)).expired, 1);
  await requester.reload();
  await signIn(requester, 'ben@example.com'); // sessions end after a day
  await requester.getByRole('row').filter({ hasText: 'GitHub Copilot Business' }).getByText('Expired').waitFor();

  // A receipt of what they did, under a signed checkpoint, to keep.
  await requester.goto(`${site.address}/app#/requests`);
  await requester
    .getByRole('link', { name: /GitHub Copilot Business/ })
    .first()
    .click();
  await requester.getByRole('button', { name: 'Receipt' }).click();
  const saved = requester.waitForEvent('download');
  await requester.getByRole('button', { name: /^Download the receipt: Request submitted/ }).click();
  assert.match(readFileSync(await (await saved).path(), 'utf8'), /^c2sp\.org\/tlog-proof@v1\n/);

  // The governance log shows each step, and verifies in the page.
  await approver.goto(`${site.address}/admin#/log`);
  await signIn(approver, 'ada@example.com');
  for (const step of ['Request submitted', 'Stage decided', 'Request approved', 'Access works', 'Access ended']) {
    await approver.getByText(step, { exact: true }).first().waitFor();
  }
  // The newest step is proved in the browser to be in a checkpoint.
  const ended = approver.getByRole('row').filter({ hasText: 'Access ended' }).first();
  await ended.getByRole('button', { name: /^Details/ }).click();
  await approver.getByText(/^Proved to be in the checkpoint of .* entries$/).waitFor();
  await approver.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await approver.getByRole('dialog').waitFor({ state: 'detached' });
  await approver.getByRole('tab', { name: 'Checkpoints' }).click();
  await approver.getByText('Rewritable by the operator').first().waitFor();
  await approver.getByRole('tab', { name: 'Entries' }).click();
  await approver.getByRole('button', { name: /Verify/ }).click();
  await approver.getByText('The log verifies').waitFor();

  // What an auditor takes away verifies without the site.
  await approver.getByRole('button', { name: 'Export evidence' }).click();
  await approver.getByRole('dialog').getByLabel('From').fill(day(-2));
  await approver.getByRole('dialog').getByLabel('Until').fill(day(2));
  await approver.getByRole('dialog').getByRole('button', { name: 'Make the pack' }).click();
  const pack = approver.waitForEvent('download');
  await approver.getByRole('dialog').getByRole('link', { name: 'Download' }).click();
  const { verifier_keys: keys } = (await site.operation('audit.checkpoint', {})) as { verifier_keys: { verifier: string }[] };
  execFileSync(program('clearance'), ['evidence', 'verify', await (await pack).path(), '--key', keys[0]!.verifier]);
  assert.deepEqual(complaints, []);

  // And from the command line, as an auditor would.
  const told = execFileSync(program('clearance'), ['audit', 'verify', '--data', data, '--json'], { encoding: 'utf8' });
  assert.equal((JSON.parse(told) as { ok: boolean }).ok, true);
});
