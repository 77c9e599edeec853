import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OpenPage, openPage } from './browser.ts';
import { serve, signedOut } from './server.ts';

let opened: OpenPage;
let server: Awaited<ReturnType<typeof serve>>;
const complaints: string[] = [];

before(async () => {
  server = await serve(signedOut);
  opened = await openPage();
  opened.page.on('console', (message) => {
    // The browser reports each 401 answer by itself; anything else on the console is a fault.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  opened.page.on('pageerror', (error) => complaints.push(String(error)));
});

after(async () => {
  await opened.close();
  await server.close();
});

test('a signed-out person who opens the App page is asked to sign in and keeps the place to return to', async () => {
  const { page } = opened;
  await page.goto(`${server.origin}/app#/tools`);
  await page.waitForURL('**/sign-in?return_to=*');
  assert.equal(new URL(page.url()).searchParams.get('return_to'), '/app#/tools');
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.screenshot({ path: 'test-results/sign-in.png' });
});

test('the sign-in form says what is missing', async () => {
  const { page } = opened;
  await page.goto(`${server.origin}/sign-in`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Fill in “E-mail address”.').waitFor();
});

test('the one-time code leaves the address bar', async () => {
  const { page } = opened;
  await page.goto(`${server.origin}/set-up?token=once`);
  await page.getByLabel('New password').waitFor();
  assert.equal(new URL(page.url()).search, '');
});

test('the pages run under the content security policy without a complaint', () => {
  assert.deepEqual(complaints, []);
});
