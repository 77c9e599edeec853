/**
 * The app inside Jira as it is: Custom UI in a sandboxed frame under the platform's content policy, the functions as Atlassian's bundler packs
 * them behind the bridge, and Forge's storage. Each page is walked by whom it is for.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { Browser, Frame, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { accessibilityFaults } from './checks.ts';
import { LocalPlatform, type Opening } from './platform.ts';

let browser: Browser;
let platform: LocalPlatform;
before(async () => {
  [browser, platform] = await Promise.all([launchBrowser(), LocalPlatform.start()]);
  await platform.settle();
  await platform.account('ada', 'Ada Admin', 'administrator');
  await platform.account('alma', 'Alma Auditor', 'auditor');
  await platform.account('owen', 'Owen Owner', 'licensed');
  await platform.account('carl', 'Carl Customer', 'customer');
});
after(async () => {
  await browser.close();
  await platform.stop();
});

async function on(opening: Opening, work: (page: Frame, site: Page) => Promise<void>): Promise<void> {
  const { site, frame, close } = await platform.open(browser, opening);
  try {
    await work(frame, site);
    await platform.isClean();
  } finally {
    await close();
  }
}

const ada = (work: (page: Frame) => Promise<void>) => on({ module: 'admin', account: 'ada' }, work);

test('an administrator begins with the starter catalogue', () =>
  ada(async (page) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Catalog' }).click();
    await page
      .getByRole('button', { name: /starter/i })
      .first()
      .click();
    await page.getByText('Adobe Firefly').first().waitFor();
  }));

test('a customer asks on the portal, the owner decides beside the issue, and each panel shows it', async () => {
  await marimba();
  await on({ module: 'portal-create', account: 'carl', project: 'HELP' }, async (page, site) => {
    await page.getByText('This request is for access').click();
    await page.getByLabel('Which tool?').fill('Marimba');
    await site.keyboard.press('Enter');
    await page.getByLabel('Purpose').fill('Notes for the orchestra');
    await page.getByLabel(/^Internal/).check();
    await page.getByText('Ready. Send the request').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await site.getByRole('button', { name: 'Send' }).click();
    await site.getByText('was created').waitFor();
  });
  await platform.settle();
  const { issues } = await platform.tell('issues');
  assert.deepEqual(Object.keys(issues[0].properties.clearance), ['draft', 'hash']);
  const issue: string = issues[0].id;

  await on({ module: 'portal-detail', account: 'carl', issue }, async (page) => {
    await page.getByText('Tool owners').waitFor();
    await page.getByText('Notes for the orchestra').waitFor();
  });
  await on({ module: 'queue', account: 'owen', project: 'HELP' }, async (page) => {
    await page.getByText('Carl Customer').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });
  await on({ module: 'issue', account: 'owen', issue }, async (page) => {
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await page.locator('form').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Access works').waitFor();
  });
  // What the customer has is in the portal's menu: more of it, and back.
  await on({ module: 'portal-access', account: 'carl' }, async (page) => {
    await page.getByText('Marimba Notes').first().waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page
      .getByRole('button', { name: /^Give back/ })
      .first()
      .click();
    const give = page.locator('form').getByRole('button', { name: 'Give back' });
    await give.click();
    await give.waitFor({ state: 'detached' });
    const { items } = await platform.call('portal-access', 'carl', 'grants.list');
    assert.deepEqual(
      items.map(({ state }: { state: string }) => state),
      ['ended'],
    );
  });
});

test('somebody who is not signed in is told so, and nothing is asked of the functions', () =>
  on({ module: 'portal-create', project: 'HELP' }, async (page) => {
    await page.getByText('Sign in to ask for access').waitFor();
  }));

test('an auditor verifies the log and takes evidence along, where Jira shows no page of administrators', () =>
  on({ module: 'app', account: 'alma' }, async (page, site) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Governance log' }).click();
    await page
      .getByRole('button', { name: /^Verify/ })
      .first()
      .click();
    await page
      .getByText(/sound|verified/i)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Export evidence' }).click();
    await page.getByLabel('From', { exact: false }).last().fill('2026-11-01');
    await page.getByLabel('Until', { exact: false }).last().fill('2026-11-30');
    await page.getByRole('button', { name: 'Make the pack' }).click();
    await page.getByText('The export is being made').waitFor();
    await page.getByText('It begins within a minute').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    // Whoever leaves finds it again, and sees it become whole.
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('tab', { name: 'Exports' }).click();
    const mine = page.getByRole('region', { name: 'Your exports' });
    await mine.getByText('Being made').waitFor();
    await platform.settle();
    await mine.getByText('Can be downloaded until').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    const [download] = await Promise.all([site.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    const pack = await readFile(await download.path());
    assert.equal(pack.subarray(0, 2).toString(), 'PK', 'a container of files');
    assert.match(download.suggestedFilename(), /^evidence-.*\.zip$/);
  }));

test('nobody else is offered the log', () =>
  on({ module: 'app', account: 'owen' }, async (page) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Approved tools' }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForTimeout(500);
    assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Governance log' }).count(), 0);
  }));

test('an administrator is warned of approval steps, and switches comments on', () =>
  ada(async (page) => {
    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click();
    await page.getByText('Approval steps of Jira Service Management grant nothing').waitFor();
    const form = page.getByRole('form', { name: 'Settings of what happens in Jira' });
    assert.deepEqual(await accessibilityFaults(page), []);
    await form.getByLabel('Transition when access works').fill('Done');
    await form.getByRole('button', { name: 'Save what happens in Jira' }).click();
    await page.getByText('The settings are saved').waitFor();
    const { settings } = await platform.call('admin', 'ada', 'settings.get');
    assert.deepEqual(settings.jira.transitions, { active: 'Done' });
  }));

test('every page of administrators opens under the policy', () =>
  ada(async (page) => {
    const links = page.getByRole('navigation').getByRole('link');
    for (const name of await links.allTextContents()) {
      await links.filter({ hasText: name }).first().click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForTimeout(300);
    }
  }));

/** A tool of Owen's, which he decides. */
async function marimba(): Promise<void> {
  await platform.call('app', 'owen', 'catalog.list');
  const people = await platform.call('admin', 'ada', 'people.list', { limit: 100 });
  const owner = people.items.find(({ name }: { name: string }) => name === 'Owen Owner').id;
  const tool = { name: 'Marimba Notes', vendor: 'Example', category: 'assistant', summary: 'Writes notes', risk: 'medium' };
  const terms = { status: 'requestable', data_classes: ['public', 'internal'], default_days: 7, max_days: 90, owners: [owner] };
  await platform.call('admin', 'ada', 'catalog.put', { ...tool, ...terms });
}
