/**
 * Approvals as people see them, against the shipped server: somebody lets another person decide, the requester sees who can act, the
 * delegate decides, and the approval is taken back.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { arrive, profile } from './profiles.ts';
import { day, startSite, type Site } from './site.ts';

let data: string;
let site: Site;
let browser: Browser;
let [owner, requester, delegate]: Page[] = [];
const complaints: string[] = [];

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'clearance-approvals-'));
  site = await startSite(data);
  browser = await launchBrowser();
  [owner, requester, delegate] = [
    await profile(browser, complaints),
    await profile(browser, complaints),
    await profile(browser, complaints),
  ];
});

after(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

test('a delegate decides for somebody, everybody sees it, and the approval is taken back', async () => {
  if (!owner || !requester || !delegate) throw new Error('no browser');
  await arrive(site, owner, 'Ada', 'administrator');
  await arrive(site, requester, 'Ben', 'member');
  await arrive(site, delegate, 'Cleo', 'member');
  await site.operation('catalog.put', {
    name: 'Note taker',
    vendor: 'Example',
    category: 'assistant',
    summary: 'For tests',
    risk: 'low',
    status: 'requestable',
    data_classes: ['internal'],
    default_days: 7,
    max_days: 90,
  });

  // Ada is going to be away.
  await owner.goto(`${site.address}/app#/delegations`);
  await owner.getByText('Nobody decides for you, and you decide for nobody').waitFor();
  await owner.getByRole('button', { name: 'Let somebody decide for me' }).click();
  const letting = owner.getByRole('dialog');
  await letting.getByLabel('Who decides').fill('Cleo');
  await owner.getByRole('option', { name: 'Cleo' }).click();
  await letting.getByLabel('From').fill(day(-7));
  await letting.getByLabel('Until').fill(day(7));
  await letting.getByRole('button', { name: 'Delegate' }).click();
  await owner.getByRole('row').filter({ hasText: 'Cleo' }).getByText('Active').waitFor();

  // Ben asks for longer than policy gives at once, and sees who can act.
  await requester.goto(`${site.address}/app#/tools`);
  await requester
    .getByRole('link', { name: /Note taker/ })
    .first()
    .click();
  await requester
    .getByRole('link', { name: /Request access/ })
    .first()
    .click();
  await requester.getByLabel('Purpose').fill('Minutes of our meetings');
  await requester.getByLabel(/^Internal/).check();
  await requester.getByLabel('For how many days?').fill('60');
  await requester.getByText('People will decide').waitFor();
  await requester.getByRole('button', { name: 'Send the request' }).click();
  const acting = requester.getByRole('list', { name: 'Who can act now' });
  await acting.getByText('Cleo for Ada').waitFor();
  assert.equal(await acting.getByRole('listitem').count(), 2);

  // Cleo decides for Ada.
  await delegate.goto(`${site.address}/app#/approvals`);
  await delegate.getByText('you decide for Ada').waitFor();
  await delegate.getByRole('link', { name: 'Review the request of Ben for Note taker' }).first().click();
  await delegate.getByRole('button', { name: 'Approve', exact: true }).click();
  await delegate.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
  await delegate.getByText('Cleo for Ada approved').first().waitFor();

  // Ada comes back and takes it back; Ben is told why.
  const request = /#\/requests\/(req_\w+)/.exec(requester.url())?.[1];
  await owner.goto(`${site.address}/app#/requests/${request}`);
  await owner.getByRole('button', { name: 'Take approval back' }).click();
  const taking = owner.getByRole('dialog');
  await taking.getByLabel('Reason').fill('The contract was cancelled');
  await taking.getByRole('button', { name: 'Take approval back' }).click();
  await owner.getByText('Ada took the approval back').waitFor();
  await requester.reload();
  await requester.getByText('Ada took the approval back').waitFor();
  await requester.getByText('The contract was cancelled').first().waitFor();
  assert.deepEqual(complaints, []);
});
