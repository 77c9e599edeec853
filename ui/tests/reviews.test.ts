import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './checks.ts';
import { noted } from './noted.ts';

const site = noted();

test('whoever reviews sees what is known of the access, and decides', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/my-access`);
  await page.getByRole('link', { name: 'Reviews' }).click();
  await page.getByRole('heading', { level: 1, name: 'Reviews' }).waitFor();
  await page.getByRole('button', { name: 'Review: Ben Okafor, ChatGPT Business' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Drafting answers to questions of customers, without their data.').waitFor();
  await dialog.getByLabel('Decision').click();
  await page.getByRole('option', { name: 'Renew' }).click();
  await dialog.getByLabel('For how many more days?').fill('20');
  await dialog.getByRole('button', { name: 'Renew' }).click();
  while (site.bodies('reviews.decide').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('reviews.decide'), [{ review: 'review_1', decision: 'renew', days: 20 }]);
});

test('removing access needs a reason, and a review is put off with one', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/reviews`);
  await page.getByRole('button', { name: 'Review: Ben Okafor, ChatGPT Business' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Decision').click();
  await page.getByRole('option', { name: 'Remove now' }).click();
  await dialog.getByRole('button', { name: 'Remove now' }).click();
  await dialog.getByText('Fill in “Reason”.').waitFor();
  assert.deepEqual(site.bodies('reviews.decide'), []);
  await dialog.getByLabel('Reason').fill('The project has ended');
  await dialog.getByRole('button', { name: 'Remove now' }).click();
  while (site.bodies('reviews.decide').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('reviews.decide'), [{ review: 'review_1', decision: 'remove', reason: 'The project has ended' }]);
  await page.getByRole('button', { name: 'Put off: Ben Okafor, ChatGPT Business' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('Ben is away');
  await page.getByRole('dialog').getByRole('button', { name: 'Put off' }).click();
  while (site.bodies('reviews.postpone').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('reviews.postpone'), [{ review: 'review_1', reason: 'Ben is away' }]);
});

test('exceptions of every kind are one list, and one is ended there', async () => {
  const { page } = site;
  await open(page, `${site.origin}/admin#/governance/exceptions`);
  await page.getByText('an account that nobody is mapped to').waitFor();
  await page
    .getByText(/: 5 of 12 remain$/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'End now: Ben Okafor, ChatGPT Business' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
  while (site.bodies('exceptions.end').length < 1) await page.waitForTimeout(10);
  assert.deepEqual(site.bodies('exceptions.end'), [{ exception: 'exc_1' }]);
});

test('for whom somebody reviews is said before and afterwards', async () => {
  const { page } = site;
  await open(page, `${site.origin}/app#/reviews`);
  await page.getByText('you decide for Ada Mbeki').waitFor();
  await open(page, `${site.origin}/admin#/governance/reviews`);
  await page.getByLabel('State').fill('Decided');
  await page.keyboard.press('Enter');
  await page.getByText('Renew by Ada Mbeki for Chloé Dubois').waitFor();
});
