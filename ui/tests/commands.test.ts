import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type OpenPage, openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi, Refused } from './mock/api.ts';
import { requests } from './mock/company.ts';
import { type Api, serve } from './server.ts';

interface Sent {
  operation: string;
  body: Record<string, unknown>;
  key: string | undefined;
  csrf: string | undefined;
}

let opened: OpenPage;
let page: Page;
let server: Awaited<ReturnType<typeof serve>>;
let sent: Sent[] = [];
let behaviour: Record<string, (input: Record<string, unknown>) => unknown> = {};

/** The mock, with every command noted and some answers replaced by the test. */
const noting: Api = {
  answer(path, method, body, headers) {
    const operation = path.replace('/api/v1/', '');
    sent.push({
      operation,
      body: body as Record<string, unknown>,
      key: headers['idempotency-key'] as string | undefined,
      csrf: headers['x-clearance-csrf'] as string | undefined,
    });
    return mockApi(behaviour).answer(path, method, body, headers);
  },
};

const commands = (operation: string) => sent.filter((each) => each.operation === operation);

before(async () => {
  server = await serve(noting);
  opened = await openPage();
  page = opened.page;
});
after(async () => {
  await opened.close();
  await server.close();
});
beforeEach(() => {
  sent = [];
  behaviour = {};
});

async function fillInRequest(): Promise<void> {
  await open(page, `${server.origin}/app#/tools/tool_copilot/request`);
  await page.getByLabel('Purpose').fill('Refactor the importer');
  await page.getByLabel(/^Internal/).check();
  await page.getByLabel(/I have read the usage policy/).check();
}

test('a request goes out once, with its key and the header against forgery, however often one clicks', async () => {
  behaviour['requests.submit'] = () => new Promise((done) => setTimeout(() => done({ request: requests[0] }), 300));
  await fillInRequest();
  await page.getByRole('button', { name: 'Send the request' }).dblclick();
  await page.getByRole('heading', { level: 1, name: 'Request for ChatGPT Business' }).waitFor();
  const [only, ...more] = commands('requests.submit');
  assert.deepEqual(more, []);
  assert.deepEqual(only?.body, {
    tool: 'tool_copilot',
    purpose: 'Refactor the importer',
    data_classes: ['internal'],
    days: 30,
    acknowledged: 2,
  });
  assert.match(only?.key ?? '', /^[0-9a-f]{32}$/);
  assert.equal(only?.csrf, '1');
});

test('an attempt without an answer is repeated under its key; after a refusal the key is new', async () => {
  behaviour['requests.submit'] = () => new Refused(503, 'unavailable', 'not now');
  await fillInRequest();
  const send = page.getByRole('button', { name: 'Send the request' });
  await send.click();
  await page.getByText('The program cannot answer now.').waitFor();
  behaviour['requests.submit'] = () => new Refused(409, 'duplicate_request', 'you already have an open request for this tool');
  await send.click();
  await page.getByText('You already have an open request for this tool.').waitFor();
  await send.click();
  while (commands('requests.submit').length < 3) await page.waitForTimeout(10);
  const [first, second, third] = commands('requests.submit').map(({ key }) => key);
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test('the form says what is missing and sends nothing', async () => {
  await open(page, `${server.origin}/app#/tools/tool_copilot/request`);
  await page.getByLabel('For how many days?').fill('91');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('Fill in “Purpose”.').waitFor();
  await page.getByText('Tick at least one under “Kinds of data”.').waitFor();
  await page.getByText('Enter a whole number from 1 to 90.').waitFor();
  await page.getByText('Tick this after reading the usage policy above.').waitFor();
  assert.deepEqual(commands('requests.submit'), []);
});

test('what the server says about a field stands beside the field', async () => {
  behaviour['catalog.put'] = () =>
    new Refused(400, 'malformed_input', '`url` must be a web address that begins with `https://`', { field: 'url' });
  await open(page, `${server.origin}/admin#/catalog/tool_copilot`);
  await page.getByLabel('Website address').fill('nonsense');
  await page.getByRole('button', { name: 'Save the tool' }).click();
  await page.getByText('This must be a web address that begins with `https://`.').waitFor();
  assert.equal(await page.getByLabel('Website address').getAttribute('aria-invalid'), 'true');
});

test('what needs a recent sign-in asks for the password and then goes on under the same key', async () => {
  let recent = false;
  behaviour['people.put'] = () => (recent ? { person: {} } : new Refused(403, 'sign_in_required', 'sign in again'));
  await open(page, `${server.origin}/admin#/people`);
  await page.getByRole('button', { name: 'Add a person' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Eve');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.getByLabel('Password').fill('correct horse battery staple');
  recent = true;
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Eve is saved').waitFor();
  assert.deepEqual(sent.find(({ operation }) => operation === '/session/sign-in')?.body, {
    email: 'ada@example.com',
    password: 'correct horse battery staple',
  });
  const [first, second] = commands('people.put');
  assert.equal(first?.key, second?.key);
});

test('several requests are decided together, and those that could not be are named', async () => {
  await open(page, `${server.origin}/app#/approvals`);
  await page.getByRole('checkbox', { name: 'Select the request of Ben Okafor for ChatGPT Business' }).check();
  await page.getByRole('checkbox', { name: 'Select the request of Ada Mbeki for ChatGPT Business' }).first().check();
  await page.getByRole('button', { name: 'Approve selected' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve 2 requests?' });
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByText('Nobody decides their own request.').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await dialog.waitFor({ state: 'detached' });
});

test('a dialog takes the focus, closes with Escape and gives the focus back', async () => {
  await open(page, `${server.origin}/app#/my-access`);
  const giveBack = page.getByRole('button', { name: 'Give back the access to ChatGPT Business' });
  await giveBack.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction('document.activeElement.closest("[role=dialog]") !== null');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction('document.activeElement.getAttribute("aria-label") === "Give back the access to ChatGPT Business"');
});

test('an answer that nobody is signed in leads to sign-in, with the way back', async () => {
  await open(page, `${server.origin}/app#/my-access`);
  let out = true;
  behaviour['catalog.list'] = () => (out ? new Refused(401, 'not_signed_in', 'nobody is signed in') : { items: [], next: null });
  const asked = page.waitForRequest((request) => new URL(request.url()).pathname === '/sign-in');
  await page.getByRole('navigation').getByRole('link', { name: 'Approved tools' }).click();
  assert.equal(new URL((await asked).url()).searchParams.get('return_to'), '/app#/tools');
  // The mock still knows who is signed in, so the sign-in page sends the browser straight back.
  out = false;
  await page.waitForURL('**/app#/tools');
});

test('verification says how far it is and what came of it', async () => {
  let calls = 0;
  behaviour['audit.verify'] = () => {
    calls += 1;
    const part = { size: 300, root: 'ab'.repeat(32) };
    if (calls < 3) return { ...part, ok: null, verified: calls * 100, next: { ...part, verified: calls * 100, hashes: [] } };
    return { ...part, ok: false, verified: 250, problem: 'entry 250: its bytes do not give its leaf hash' };
  };
  await open(page, `${server.origin}/admin#/log`);
  await page.getByRole('button', { name: 'Verify the log' }).click();
  await page.getByText('The log does not verify').waitFor();
  await page.getByText('entry 250: its bytes do not give its leaf hash').waitFor();
  assert.equal(calls, 3);
});
