/**
 * Access at a provider in a real browser, against the shipped server with a directory in memory: an administrator sets up a connector, maps
 * people, chooses a group that a colleague confirms; access comes and goes at the provider; what cannot be done is followed up; what
 * differs is settled.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { arrive, profile } from './profiles.ts';
import { startSite, type Site } from './site.ts';

const tenant = 'acme.okta.com';
const group = '00gassistants';
const [benAtOkta, veraAtOkta, stranger] = ['00uben', '00uvera', '00ustranger'];
const tool = 'GitHub Copilot Business';

let data: string;
let site: Site;
let browser: Browser;
/** Two administrators and two members. */
let ada: Page;
let carl: Page;
let ben: Page;
let vera: Page;
const complaints: string[] = [];

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'clearance-connectors-'));
  site = await startSite(data);
  browser = await launchBrowser();
  await site.operation('catalog.load_starter', {});
  [ada, carl, ben, vera] = [
    await profile(browser, complaints),
    await profile(browser, complaints),
    await profile(browser, complaints),
    await profile(browser, complaints),
  ];
  await arrive(site, ada, 'Ada', 'administrator');
  await arrive(site, carl, 'Carl', 'administrator');
  await arrive(site, ben, 'Ben', 'member');
  await arrive(site, vera, 'Vera', 'member');
  await site.atProvider({ what: 'account', tenant, id: benAtOkta, name: 'Benedict Okafor' });
  await site.atProvider({ what: 'account', tenant, id: veraAtOkta, name: 'Vera Lindqvist' });
  await site.atProvider({ what: 'account', tenant, id: stranger, name: 'Somebody Else' });
  await site.atProvider({ what: 'group', tenant, id: group, name: 'assistants' });
  // Somebody is in it already, so that binding it is a decision of two.
  await site.atProvider({ what: 'join', tenant, group, account: stranger });
});

after(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

const members = () => site.atProvider({ what: 'members', tenant, group });

/** Follows the navigation of the administration pages. */
async function admin(page: Page, place: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(`${site.address}/admin#/${place}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Reloads until something is there: jobs run beside the pages. */
async function seen(page: Page, look: () => ReturnType<Page['getByText']>): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await look().first().isVisible()) return;
    await page.waitForTimeout(250);
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
  }
  await look().first().waitFor({ timeout: 1 });
}

async function choosePerson(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Person').fill(name);
  await page.getByRole('option', { name }).click();
}

async function ask(page: Page): Promise<void> {
  await page.goto(`${site.address}/app#/tools`);
  await page.getByLabel('Search').fill(tool);
  await page.getByRole('link', { name: `Request access to ${tool}` }).click();
  await page.getByLabel('Purpose').fill('Review pull requests of the importer');
  await page.getByLabel(/^Internal/).check();
  const policy = page.getByLabel(/I have read the usage policy/);
  if (await policy.count()) await policy.check();
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByRole('heading', { level: 1, name: `Request for ${tool}` }).waitFor();
}

async function approve(requester: string): Promise<void> {
  await ada.goto(`${site.address}/app#/approvals`);
  const review = `Review the request of ${requester} for ${tool}`;
  await ada
    .getByRole('link', { name: review })
    .or(ada.getByRole('button', { name: review }))
    .first()
    .click();
  await ada.getByRole('button', { name: 'Approve', exact: true }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Fits the purpose');
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

test('a connector is set up, and its test says that it works', async () => {
  await admin(ada, 'connectors');
  await ada.getByRole('link', { name: 'Set up a connector' }).first().click();
  await ada.getByRole('button', { name: 'Choose Okta' }).click();
  await ada.getByLabel('Name').fill('Acme workforce');
  await ada.getByLabel('Host of the Okta org').fill(`https://${tenant}/`);
  await ada.getByLabel('Client ID').fill('0oa1b2c3d4e5f6g7h8i9');
  await ada.getByRole('button', { name: 'Save and continue' }).click();
  await ada.getByRole('heading', { level: 1, name: 'Set up Acme workforce' }).waitFor();
  assert.match(await ada.getByLabel('Public key', { exact: true }).inputValue(), /"kty": "RSA"/);
  await ada.getByRole('button', { name: 'Test the connector' }).click();
  await ada.getByText('The connector works').waitFor();
});

test('a connector is given another pace', async () => {
  await admin(ada, 'connectors');
  await ada.getByRole('link', { name: 'Acme workforce' }).click();
  await ada.getByText('8, as is usual').waitFor();
  await ada.getByRole('link', { name: 'Edit', exact: true }).click();
  const pace = ada.getByLabel('Most changes a second');
  const save = ada.getByRole('button', { name: 'Save the connector' });
  await pace.fill('201');
  await save.click();
  await ada.getByText('Enter a whole number from 1 to 200.').waitFor();
  await pace.fill('12');
  await save.click();
  await ada.getByRole('heading', { level: 1, name: 'Acme workforce' }).waitFor();
  await ada.getByText('12', { exact: true }).waitFor();
});

test('a person is mapped to the account whose name was confirmed', async () => {
  await admin(ada, 'connectors');
  await ada.getByRole('link', { name: 'Acme workforce' }).click();
  await ada.getByRole('link', { name: 'Identity mappings' }).click();
  await ada.getByRole('button', { name: 'Map a person' }).first().click();
  await choosePerson(ada, 'Ben');
  await ada.getByLabel('Account at the provider').fill(benAtOkta);
  await ada.getByRole('button', { name: 'Look it up' }).click();
  const confirm = ada.getByRole('dialog', { name: 'Is this the account of Ben?' });
  await confirm.getByText('Benedict Okafor').waitFor();
  await confirm.getByRole('button', { name: 'Yes, map this account' }).click();
  await ada.getByRole('row').filter({ hasText: 'Benedict Okafor' }).waitFor();
});

test('a group with members is bound once a colleague has confirmed, and gives the tool', async () => {
  await admin(ada, 'catalog');
  await ada.getByLabel('Search').fill(tool);
  await ada.getByRole('link', { name: tool }).click();
  await ada.getByRole('link', { name: 'Choose a group' }).click();
  await ada.getByLabel('Find by name').fill('assistants');
  await ada.getByRole('button', { name: 'Find', exact: true }).click();
  await ada.getByRole('button', { name: 'Look at it: assistants' }).click();
  await ada.getByText('1 member', { exact: true }).waitFor();
  await ada.getByRole('button', { name: 'Propose this group' }).click();
  await ada.getByRole('heading', { name: 'Waiting for a second administrator' }).waitFor();

  await admin(carl, 'connectors');
  await carl.getByRole('button', { name: /^Confirm: Bind the group “assistants”/ }).click();
  await carl.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await carl.getByRole('dialog').waitFor({ state: 'detached' });
  await carl.getByRole('row').filter({ hasText: 'assistants' }).waitFor();

  await admin(ada, 'catalog');
  await ada.getByLabel('Search').fill(tool);
  await ada.getByRole('link', { name: tool }).click();
  await ada.getByLabel('How access is set up').fill('Connected');
  await ada.keyboard.press('Enter');
  await ada.getByRole('button', { name: 'Save the tool' }).click();
  await ada.getByText(`${tool} is saved`).waitFor();
});

test('an approval puts the person into the group, and giving back takes them out', async () => {
  await ask(ben);
  await approve('Ben');
  await ben.goto(`${site.address}/app#/my-access`);
  const row = ben.getByRole('row').filter({ hasText: tool });
  await seen(ben, () => row.getByText('Active'));
  assert.ok((await members()).includes(benAtOkta));
  await ben.getByRole('button', { name: `Give back the access to ${tool}` }).click();
  await ben.getByRole('dialog').getByRole('button', { name: 'Give back' }).click();
  await seen(ben, () => row.getByText('Given back'));
  assert.deepEqual(await members(), [stranger]);
});

test('what cannot be done is followed up: mapped, then tried again', async () => {
  await ask(vera);
  await approve('Vera');
  await admin(ada, 'jobs');
  const row = ada.getByRole('row').filter({ hasText: 'Vera' });
  await seen(ada, () => row.getByText('The person is not mapped to an account at the provider.'));
  await row.getByText('Map the person to their account at the provider, then retry.').waitFor();
  await site.operation('identities.put', {
    connector: ((await site.operation('connectors.list', {})) as { items: { id: string }[] }).items[0]!.id,
    person: ((await site.operation('people.list', { name: 'Vera' })) as { items: { id: string }[] }).items[0]!.id,
    account: veraAtOkta,
    display_name: 'Vera Lindqvist',
  });
  await row.getByRole('button', { name: /^Try again now/ }).click();
  await vera.goto(`${site.address}/app#/my-access`);
  await seen(vera, () => vera.getByRole('row').filter({ hasText: tool }).getByText('Active'));
  assert.deepEqual((await members()).sort(), [stranger, veraAtOkta].sort());
});

test('who is in the group without approval is found, and somebody answers for it', async () => {
  await admin(ada, 'drift');
  await ada.getByRole('button', { name: `Check now: the group of ${tool}` }).click();
  const row = ada.getByRole('row').filter({ hasText: 'Unknown account in the group' });
  await seen(ada, () => row);
  await row.getByRole('button', { name: /^Let stand for a time/ }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('The service account of the importer');
  await dialog.getByLabel('Who answers for it').fill('Carl');
  await ada.getByRole('option', { name: 'Carl' }).click();
  await dialog.getByRole('button', { name: 'Let stand for a time' }).click();
  await dialog.waitFor({ state: 'detached' });
  await row.getByText('that waits for a second administrator', { exact: false }).waitFor();
  await admin(carl, 'drift');
  await carl.getByRole('button', { name: /^Confirm: Let Carl answer for/ }).click();
  await carl.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await carl.getByRole('dialog').waitFor({ state: 'detached' });
  await admin(ada, 'drift');
  await ada.getByText('The groups are as approved').waitFor();
  await ada.getByLabel('State').fill('Settled');
  await ada.keyboard.press('Enter');
  await ada.getByText('The service account of the importer').waitFor();

  await admin(ada, 'log');
  for (const step of ['Connector tested', 'Confirmed by a second administrator', 'Account mapped to a person', 'Drift settled']) {
    await ada.getByText(step, { exact: true }).first().waitFor();
  }
  assert.deepEqual(complaints, []);
});
