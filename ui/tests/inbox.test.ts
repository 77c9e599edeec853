import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './checks.ts';
import { noted } from './noted.ts';

const site = noted();

test('the navigation counts what is unread, and an item says what, until when and what happens otherwise', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/my-access`);
  await page.getByRole('link', { name: /^Inbox.*2 unread$/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.getByText('Otherwise it lapses, and has to be asked for anew.').waitFor();
  await page.getByRole('link', { name: 'Ben Okafor asks for ChatGPT Business' }).click();
  assert.match(page.url(), /#\/requests\/req_1$/);
});

test('what leads to the other pages leads there', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/inbox`);
  const link = page.getByRole('link', { name: '1 removal of access is stuck' });
  assert.equal(await link.getAttribute('href'), '/admin#/jobs?stuck=true');
  await open(page, `${site.origin}/admin#/inbox`);
  assert.equal(await link.getAttribute('href'), '#/jobs?stuck=true');
});

test('one item or all that are shown are marked as read, and what comes by e-mail is chosen', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/inbox`);
  await page.getByRole('button', { name: 'Mark as read: Ben Okafor asks for ChatGPT Business' }).click();
  while (site.bodies('inbox.mark_read').length < 1) await page.waitForTimeout(10);
  await page.getByRole('button', { name: 'Mark all shown as read' }).click();
  while (site.bodies('inbox.mark_read').length < 2) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('inbox.mark_read'), [{ items: ['notice_1'] }, { items: ['notice_1', 'notice_2'] }]);
  await page.getByText('At once; nobody can switch this off').first().waitFor();
  await page.getByLabel('Requests that wait for my decision').click();
  await page.getByRole('option', { name: 'Once a day, together' }).click();
  while (site.bodies('notices.put_preference').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('notices.put_preference'), [{ topic: 'decisions', delivery: 'daily' }]);
});
