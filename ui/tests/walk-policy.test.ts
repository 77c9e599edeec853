/**
 * From a draft to the next policy version in real browsers, against the shipped server: one administrator shapes it and mends what lint
 * finds, sees what it changes and what it would have made of the past, and proposes it; another confirms; an auditor reads all of it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { arrive, profile } from './profiles.ts';
import { program, startSite, type Site } from './site.ts';

let data: string;
let site: Site;
let browser: Browser;
const complaints: string[] = [];

before(async () => {
  data = mkdtempSync(join(tmpdir(), 'clearance-walk-policy-'));
  site = await startSite(data);
  browser = await launchBrowser();
  await site.operation('catalog.load_starter', {});
});

after(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(data, { recursive: true, force: true });
});

const low = 'Low risk, harmless data, up to 30 days';
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

test('from a draft to the version that decides, by two administrators', async () => {
  const [ada, bea, cora, ben] = await Promise.all([1, 2, 3, 4].map(() => profile(browser, complaints)));
  assert.ok(ada && bea && cora && ben);
  await arrive(site, ada, 'Ada', 'administrator');
  await arrive(site, bea, 'Bea', 'administrator');
  await arrive(site, cora, 'Cora', 'auditor');
  await arrive(site, ben, 'Ben', 'member');

  // Ben asked for something for longer than policy approves by itself.
  const { items } = (await site.operation('catalog.list', { risk: 'low', status: 'requestable' })) as {
    items: { id: string; name: string; max_days: number; data_classes: string[] }[];
  };
  const tool = items.find((each) => each.max_days >= 45 && each.data_classes.includes('public'))!;
  await ben.goto(`${site.address}/app#/tools/${tool.id}/request`);
  await ben.getByLabel('Purpose').fill('Proofread the manual');
  await ben.getByLabel(/^Public/).check();
  await ben.getByLabel('For how many days?').fill('45');
  await ben.getByRole('button', { name: 'Send the request' }).click();
  await heading(ben, `Request for ${tool.name}`);

  // A rule that nothing can match is an error, which stands beside it and stops publication.
  await ada.goto(`${site.address}/admin#/governance`);
  await ada.getByRole('link', { name: 'Change the policy' }).click();
  await ada.getByText('There is no draft.').waitFor();
  await ada.getByRole('link', { name: 'Add a rule' }).click();
  await ada.getByLabel(/^Name(?! of)/).fill('No new pictures');
  await ada.getByLabel('Tags of the tool').fill('pictures');
  await ada.keyboard.press('Enter');
  await ada.getByLabel('Catalogue').fill('not in the');
  await ada.keyboard.press('Enter');
  await ada.getByLabel('What it does').fill('Deny');
  await ada.keyboard.press('Enter');
  await ada.getByLabel('Reason').fill('No pictures');
  await ada
    .getByText('When the tool is not in the catalogue and the tool is tagged “pictures”: the request is denied (“No pictures”).')
    .waitFor();
  await ada.getByRole('button', { name: 'Save into the draft' }).click();
  const rules = ada.getByRole('list', { name: 'Rules of the draft' }).getByRole('listitem');
  const broken = rules.filter({ hasText: 'No new pictures' });
  await broken.getByText('No request can match this rule: a proposed tool has no tags.').waitFor();
  await ada.getByRole('button', { name: 'Publish' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByText('Lint finds an error.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await ada.getByRole('button', { name: 'More for: No new pictures' }).click();
  await ada.getByRole('menuitem', { name: 'Remove' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await dialog.waitFor({ state: 'detached' });
  await broken.first().waitFor({ state: 'detached' });

  // Twice as long at once: more than the policy in force gives. Bea is faster with another rule, and neither loses anything.
  await ada.getByRole('link', { name: `Edit: ${low}` }).click();
  await ada.getByLabel('For at most, in days').fill('60');
  await bea.goto(`${site.address}/admin#/governance/draft`);
  await bea.getByRole('button', { name: `Down: ${low}` }).click();
  await bea.getByText('is now rule 3 of 4.').waitFor();
  await ada.getByRole('button', { name: 'Save into the draft' }).click();
  await ada.getByText('Bea changed the draft while you had this form open').waitFor();
  await ada.getByText('This rule is as you saw it; others were changed.').waitFor();
  await ada.getByRole('button', { name: 'Keep what I entered, and go on' }).click();
  await ada.getByRole('button', { name: 'Save into the draft' }).click();
  await bea.getByRole('button', { name: `Up: ${low}` }).click();
  await bea.getByText('Ada changed the draft meanwhile').waitFor();
  await bea.getByRole('button', { name: `Up: ${low}` }).click();
  await bea.getByText('is now rule 2 of 4.').waitFor();
  await ada.reload();
  await ada.getByText('It gives more than the policy in force').waitFor();
  await ada.getByRole('tab', { name: 'What changes' }).click();
  const change = ada.getByRole('list', { name: 'Rules that differ' }).getByRole('listitem').filter({ hasText: low });
  assert.equal(await change.locator('del').innerText(), '30');
  assert.equal(await change.locator('ins').innerText(), '60');

  // The one request of the past would have been approved at once.
  await ada.getByRole('tab', { name: 'Try it on the past' }).click();
  await ada.getByRole('button', { name: 'Try it' }).click();
  await ada.getByText('1 would fare differently').waitFor();
  await ada
    .getByRole('row')
    .filter({ hasText: `${tool.name}, 45 days` })
    .getByText('Approved at once, for up to 60 days in all')
    .waitFor();

  // It needs somebody else, who sees what changes before agreeing.
  await ada.getByRole('button', { name: 'Publish' }).click();
  await dialog.getByLabel('Why, in a line').fill('Proofreading takes longer');
  await dialog.getByRole('button', { name: 'Propose to a second administrator' }).click();
  await heading(ada, 'Governance');
  const what = 'Publish the draft as the next policy version';
  await ada.getByText(what).waitFor();
  assert.equal(await ada.getByRole('button', { name: `Confirm: ${what}` }).count(), 0);
  await bea.goto(`${site.address}/admin#/governance`);
  await bea.reload();
  await bea.getByRole('button', { name: `Confirm: ${what}` }).click();
  await bea.getByRole('dialog').getByText('It gives more than the policy in force').waitFor();
  await bea.getByRole('dialog').getByRole('deletion').waitFor();
  await bea.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await bea.getByText('Policy in force: version 2').waitFor();
  await bea.getByText('it is approved at once, for up to 60 days in all.').waitFor();

  // The auditor sees who did it and what it changed, and that the past comes out as it did.
  await cora.goto(`${site.address}/admin#/governance`);
  const row = cora.getByRole('row').filter({ hasText: 'Version 2' });
  await row.getByText('Ada and Bea').waitFor();
  await row.getByText('Gave more').waitFor();
  await row.getByText('1 rule changed').waitFor();
  await cora.getByRole('button', { name: 'Compute all again' }).click();
  await cora.getByText('The one decision comes out as it did').waitFor();
  await row.getByRole('link', { name: 'Version 2' }).click();
  await cora.getByRole('tab', { name: 'What it changed' }).click();
  await cora.getByRole('insertion').waitFor();

  // The file that leaves by the page is one that the command line reads.
  const saving = cora.waitForEvent('download');
  await cora.getByRole('button', { name: 'Export as a file' }).click();
  const file = join(data, 'policy.yaml');
  writeFileSync(file, readFileSync(await (await saving).path()));
  const told = execFileSync(program('clearance'), ['policy', 'lint', file, '--data', data], { encoding: 'utf8' });
  assert.match(told, /It gives nothing more than the active policy\./);

  // And Ben finds out why he waits.
  await ben.goto(`${site.address}/app#/tools/${tool.id}`);
  await ben.getByRole('link', { name: 'Why do I have or lack this?' }).click();
  await ben.getByText(`You asked for ${tool.name}, and it is not decided.`).waitFor();
  assert.deepEqual(complaints, []);
});
