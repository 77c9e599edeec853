import type { Page } from 'playwright-core';
import { mockApi, Refused } from './mock/api.ts';
import { draft } from './mock/policies.ts';
import { pages } from './pages.ts';
import { type Api, signedOut } from './server.ts';

/** A page in one of the states that it passes through. */
export interface Scene {
  name: string;
  address: string;
  api?: Api;
  /** What a person does before the picture is taken. */
  act?: (page: Page) => Promise<void>;
  width?: number;
}

const lists = [
  'catalog.list',
  'grants.list',
  'requests.list',
  'approvals.queue',
  'jobs.list',
  'people_groups.list',
  'audit.entries',
  'tokens.list',
  'connectors.list',
  'provider_groups.list',
  'proposals.list',
  'identities.list',
  'drift.list',
  'inbox.list',
];
const answering = (answer: () => unknown) => mockApi(Object.fromEntries(lists.map((name) => [name, answer])));
const empty = answering(() => ({ items: [], next: null }));
const failing = answering(() => new Refused(503, 'unavailable', 'not now'));
export const slow = answering(() => new Promise((answer) => setTimeout(answer, 60_000)));
const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.waitForTimeout(500);
};

const tab = (name: string) => async (page: Page) => {
  await page.getByRole('tab', { name }).click();
  await page.waitForTimeout(300);
};
const noRules = { ...draft, rules: [], difference: { ...draft.difference, added: [], changed: [] } };

export const scenes: Scene[] = [
  ...pages.map(([name, address]) => ({ name, address })),
  { name: 'sign-in', address: '/sign-in', api: { answer: () => ({ status: 401, body: { oidc: { name: 'Example SSO' } } }) } },
  { name: 'sign-in-wrong', address: '/sign-in', api: signedOut, act: signInWrongly },
  { name: 'set-up', address: '/set-up?token=once', api: signedOut },
  { name: 'empty-my-access', address: '/app#/my-access', api: empty },
  { name: 'empty-approvals', address: '/app#/approvals', api: empty },
  { name: 'empty-catalog', address: '/admin#/catalog', api: empty },
  { name: 'failing-tools', address: '/app#/tools', api: failing },
  { name: 'loading-requests', address: '/app#/requests', api: slow },
  { name: 'dialog-extend', address: '/app#/access/grant_1', act: press(/^Extend/) },
  { name: 'dialog-give-back', address: '/app#/access/grant_1', act: press(/^Give back/) },
  { name: 'dialog-deny', address: '/app#/requests/req_1', act: press('Deny') },
  { name: 'dialog-person', address: '/admin#/people', act: press('Edit Ben Okafor') },
  {
    name: 'dialog-link',
    address: '/admin#/people',
    act: (page) => press('One-time link for Ben Okafor')(page).then(() => press('Make the link')(page)),
  },
  { name: 'dialog-erase', address: '/admin#/people', act: press('Erase Ben Okafor') },
  { name: 'dialog-erasure', address: '/admin#/people', act: press('Erasure of Eve Lindqvist') },
  { name: 'dialog-token', address: '/app#/tokens', act: press('Make a token') },
  {
    name: 'dialog-token-shown',
    address: '/app#/tokens',
    act: (page) =>
      press('Make a token')(page)
        .then(() => page.getByRole('dialog').getByRole('button', { name: 'Make a token' }).click())
        .then(() => page.waitForTimeout(500)),
  },
  { name: 'dialog-receipt', address: '/app#/requests/req_3', act: press('Receipt') },
  { name: 'dialog-entry', address: '/admin#/log', act: press('Details of entry 119') },
  { name: 'dialog-entry-pending', address: '/admin#/log', act: press('Details of entry 120') },
  { name: 'dialog-export', address: '/admin#/log?from=2026-11-01&until=2026-11-23', act: press('Export evidence') },
  {
    name: 'dialog-export-ready',
    address: '/admin#/log?from=2026-11-01&until=2026-11-23',
    act: (page) => press('Export evidence')(page).then(() => press('Make the pack')(page)),
  },
  { name: 'dialog-rotate', address: '/admin#/log', act: (page) => checkpointsTab(page).then(() => press('Change the signing key')(page)) },
  { name: 'selected-checkpoints', address: '/admin#/log', act: checkpointsTab },
  { name: 'empty-log-filtered', address: '/admin#/log?family=policy', api: empty },
  { name: 'empty-tokens', address: '/app#/tokens', api: empty },
  { name: 'empty-connectors', address: '/admin#/connectors', api: empty },
  { name: 'empty-identities', address: '/admin#/connectors/conn_acme/identities', api: empty },
  { name: 'empty-jobs', address: '/admin#/jobs', api: empty },
  { name: 'empty-drift', address: '/admin#/drift', api: empty },
  { name: 'empty-choose-group', address: '/admin#/catalog/tool_deepl/group', api: empty },
  { name: 'empty-explain', address: '/admin#/explain' },
  { name: 'empty-policy-draft', address: '/admin#/governance/draft', api: mockApi({ 'policies.draft': () => ({ draft: noRules }) }) },
  { name: 'filled-policy-version-changes', address: '/admin#/governance/versions/3', act: tab('What it changed') },
  { name: 'filled-policy-draft-changes', address: '/admin#/governance/draft', act: tab('What changes') },
  {
    name: 'filled-policy-draft-past',
    address: '/admin#/governance/draft',
    act: (page) => tab('Try it on the past')(page).then(() => press('Try it')(page)),
  },
  { name: 'filled-policy-replay', address: '/admin#/governance', act: press('Compute all again') },
  { name: 'filled-policy-rule-missing', address: '/admin#/governance/draft/new', act: press('Save into the draft') },
  { name: 'dialog-policy-publish', address: '/admin#/governance/draft', act: press('Publish') },
  { name: 'dialog-policy-discard', address: '/admin#/governance/draft', act: press('Discard the draft') },
  { name: 'dialog-policy-import', address: '/admin#/governance/draft', act: press('Import a file') },
  { name: 'dialog-policy-confirm', address: '/admin#/governance', act: press(/^Confirm: Publish the draft/) },
  { name: 'dialog-policy-leave', address: '/admin#/governance/draft/rule_high', act: leaveUnsaved },
  { name: 'phone-policy-draft', address: '/admin#/governance/draft', width: 390 },
  { name: 'phone-policy-rule', address: '/admin#/governance/draft/rule_high', width: 390 },
  { name: 'filled-connector-new', address: '/admin#/connectors/new', act: press('Choose Okta') },
  { name: 'filled-connector-new-entra', address: '/admin#/connectors/new', act: press('Choose Microsoft Entra') },
  { name: 'filled-connector-test', address: '/admin#/connectors/conn_new/set-up', act: press('Test the connector') },
  { name: 'dialog-disable', address: '/admin#/connectors/conn_acme', act: press('Disable') },
  { name: 'dialog-rotate-key', address: '/admin#/connectors/conn_acme', act: press('Change the key') },
  { name: 'dialog-confirm-proposal', address: '/admin#/connectors', act: press(/^Confirm: Bind/) },
  { name: 'filled-group-found', address: '/admin#/catalog/tool_deepl/group', act: lookAtGroup },
  { name: 'dialog-map-person', address: '/admin#/connectors/conn_acme/identities', act: press('Map a person') },
  { name: 'dialog-map-confirm', address: '/admin#/connectors/conn_acme/identities', act: lookUpAccount },
  { name: 'filled-import', address: '/admin#/connectors/conn_acme/import', act: compareFile },
  { name: 'dialog-attest-job', address: '/admin#/jobs', act: press(/^Mark as done by hand/) },
  { name: 'dialog-exception', address: '/admin#/drift', act: press(/^Let stand for a time: Ben/) },
  { name: 'dialog-review', address: '/app#/reviews', act: press(/^Review: Ben/) },
  { name: 'dialog-review-postpone', address: '/app#/reviews', act: press(/^Put off: Ben/) },
  { name: 'dialog-exception-add', address: '/admin#/governance/exceptions', act: press('Make an exception') },
  { name: 'dialog-exception-end', address: '/admin#/governance/exceptions', act: press(/^End now: Ben/) },
  { name: 'empty-exceptions', address: '/admin#/governance/exceptions', api: empty },
  { name: 'empty-reviews', address: '/app#/reviews', api: empty },
  { name: 'phone-reviews', address: '/admin#/governance/reviews', width: 390 },
  { name: 'selected-findings', address: '/admin#/drift', act: selectFindings },
  { name: 'phone-connectors', address: '/admin#/connectors', width: 390 },
  { name: 'phone-drift', address: '/admin#/drift', width: 390 },
  { name: 'menu-theme', address: '/app#/my-access', act: press('Theme') },
  { name: 'verified', address: '/admin#/log', act: press('Verify the log') },
  {
    name: 'filled-request',
    address: '/app#/tools/tool_copilot/request',
    act: (page) =>
      page
        .getByLabel(/^Internal/)
        .check()
        .then(() => page.waitForTimeout(900)),
  },
  { name: 'selected', address: '/app#/approvals', act: (page) => page.getByRole('checkbox').first().check() },
  { name: 'notice', address: '/admin#/catalog', act: press('Load the starter catalogue') },
  { name: 'phone-tools', address: '/app#/tools', width: 390 },
  { name: 'phone-log', address: '/admin#/log', width: 390 },
  { name: 'phone-approvals', address: '/app#/approvals', width: 390 },
];

async function lookAtGroup(page: Page): Promise<void> {
  await page.getByLabel('Connector').fill('Acme w');
  await page.keyboard.press('Enter');
  await page.getByLabel('Find by name').fill('ai-deepl-pro');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('button', { name: 'Look at it: ai-deepl-pro' }).click();
  await page.getByText('What binding ai-deepl-pro means').waitFor();
}

async function lookUpAccount(page: Page): Promise<void> {
  await press('Map a person')(page);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Person').fill('Ben');
  await page.getByRole('option', { name: 'Ben Okafor' }).waitFor();
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Account at the provider').fill('ben@acme.example');
  await dialog.getByRole('button', { name: 'Look it up' }).click();
  await page.getByRole('dialog', { name: 'Is this the account of Ben Okafor?' }).waitFor();
  await page.waitForTimeout(500);
}

async function compareFile(page: Page): Promise<void> {
  const rows = Array.from({ length: 8 }, (_, row) => `p${row}@example.com,account${row}`);
  await page
    .getByLabel('CSV file', { exact: true })
    .last()
    .setInputFiles({
      name: 'mappings.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['person,account', ...rows].join('\n')),
    });
  await page.getByRole('button', { name: 'See what would change' }).click();
  await page.getByText('What would change').first().waitFor();
}

async function selectFindings(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: /^Select: In the group without approval/ }).check();
  await page.getByRole('checkbox', { name: /^Select: Unknown account/ }).check();
}

async function leaveUnsaved(page: Page): Promise<void> {
  await page.getByLabel(/^Name(?! of)/).fill('Another name');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
  await page.waitForTimeout(500);
}

async function checkpointsTab(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Checkpoints' }).click();
  await page.getByText('Every checkpoint, newest first').first().waitFor();
}

async function signInWrongly(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill('ada@example.com');
  await page.getByLabel('Password').fill('guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
}
