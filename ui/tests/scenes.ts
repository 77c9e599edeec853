import type { Page } from 'playwright-core';
import { mockApi, Refused } from './mock/api.ts';
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
];
const answering = (answer: () => unknown) => mockApi(Object.fromEntries(lists.map((name) => [name, answer])));
const empty = answering(() => ({ items: [], next: null }));
const failing = answering(() => new Refused(503, 'unavailable', 'not now'));
export const slow = answering(() => new Promise((answer) => setTimeout(answer, 60_000)));
const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.waitForTimeout(500);
};

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
