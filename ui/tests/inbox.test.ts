import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type OpenPage, openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi } from './mock/api.ts';
import { type Api, serve } from './server.ts';

let opened: OpenPage;
let server: Awaited<ReturnType<typeof serve>>;
let sent: { operation: string; body: Record<string, unknown> }[] = [];

const noting: Api = {
  answer(path, method, body, headers) {
    sent.push({ operation: path.replace('/api/v1/', ''), body: body as Record<string, unknown> });
    return mockApi().answer(path, method, body, headers);
  },
};
const bodies = (operation: string) => sent.filter((each) => each.operation === operation).map(({ body }) => body);

before(async () => {
  server = await serve(noting);
  opened = await openPage();
});
after(async () => {
  await opened.close();
  await server.close();
});
beforeEach(() => {
  sent = [];
});

test('the navigation counts what is unread, and an item says what, until when and what happens otherwise', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/my-access`);
  await page.getByRole('link', { name: /^Inbox.*2 unread$/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.getByText('Otherwise it lapses, and has to be asked for anew.').waitFor();
  await page.getByRole('link', { name: 'Ben Okafor asks for ChatGPT Business' }).click();
  assert.match(page.url(), /#\/requests\/req_1$/);
});

test('what leads to the other pages leads there', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/inbox`);
  const link = page.getByRole('link', { name: '1 removal of access is stuck' });
  assert.equal(await link.getAttribute('href'), '/admin#/jobs?stuck=true');
  await open(page, `${server.origin}/admin#/inbox`);
  assert.equal(await link.getAttribute('href'), '#/jobs?stuck=true');
});

test('one item or all that are shown are marked as read, and what comes by e-mail is chosen', async () => {
  const { page } = opened;
  await open(page, `${server.origin}/app#/inbox`);
  await page.getByRole('button', { name: 'Mark as read: Ben Okafor asks for ChatGPT Business' }).click();
  while (bodies('inbox.mark_read').length < 1) await page.waitForTimeout(10);
  await page.getByRole('button', { name: 'Mark all shown as read' }).click();
  while (bodies('inbox.mark_read').length < 2) await page.waitForTimeout(10);
  assert.deepEqual(bodies('inbox.mark_read'), [{ items: ['notice_1'] }, { items: ['notice_1', 'notice_2'] }]);
  await page.getByText('At once; nobody can switch this off').first().waitFor();
  await page.getByLabel('Requests that wait for my decision').click();
  await page.getByRole('option', { name: 'Once a day, together' }).click();
  while (bodies('notices.put_preference').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(bodies('notices.put_preference'), [{ topic: 'decisions', delivery: 'daily' }]);
});
