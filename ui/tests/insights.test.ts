import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from './checks.ts';
import { noted } from './noted.ts';

const site = noted();

test('each chart has a table that says the same, and leaves as a file', async () => {
  const { page } = site;
  await open(page, `${site.origin}/admin#/insights`);
  const requests = page.getByRole('region', { name: 'Requests', exact: true }).first();
  await requests.getByText('Table').click();
  await requests.getByRole('columnheader', { name: 'Approved by people' }).waitFor();
  await requests.getByRole('rowheader', { name: '2026-10-25' }).waitFor();
  const kept = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download as CSV: Access by tool' }).click();
  assert.equal((await kept).suggestedFilename(), 'tools-2026-11-23.csv');
  assert.deepEqual(site.bodies('insights.export'), [{ table: 'tools' }]);
});

test('a longer time is asked for by week', async () => {
  const { page } = site;
  await open(page, `${site.origin}/admin#/insights?time=year`);
  await page.getByText('Last 52 weeks, by week').waitFor();
  assert.equal(site.bodies('insights.series').at(-1)?.by, 'week');
});

test('the forecast names days on which something ends, and credentials that run out', async () => {
  const { page } = site;
  await open(page, `${site.origin}/admin#/insights`);
  const forecast = page.getByRole('region', { name: 'The next 90 days' }).first();
  await forecast.getByText('Table').click();
  await forecast.getByRole('rowheader', { name: '2026-12-02' }).waitFor();
  assert.equal(await forecast.getByRole('rowheader', { name: '2026-12-03' }).count(), 0);
  await forecast.getByRole('link', { name: 'Contoso tenant' }).first().waitFor();
});

test('reviews and seats have their charts, tables and files', async () => {
  const { page } = site;
  await open(page, `${site.origin}/admin#/insights`);
  const reviews = page.getByRole('region', { name: 'Reviews of access', exact: true }).first();
  await reviews.getByText('Table').click();
  await reviews.getByRole('columnheader', { name: 'Left to end' }).waitFor();
  const tools = page.getByRole('region', { name: 'Access by tool', exact: true }).first();
  await tools.getByRole('row', { name: 'ChatGPT Business' }).getByText('24 of 25').waitFor();
  const coming = page.getByRole('region', { name: 'Reviews by who decides them, by week', exact: true }).first();
  await coming.getByText('Table').click();
  await coming.getByRole('rowheader', { name: 'Owners of ChatGPT Business' }).waitFor();
  for (const [title, table] of [
    ['Reviews of access', 'reviews'],
    ['Seats for those who wait', 'seats'],
    ['Reviews by who decides them, by week', 'reviewers'],
  ] as const) {
    const kept = page.waitForEvent('download');
    await page.getByRole('button', { name: `Download as CSV: ${title}` }).click();
    assert.equal((await kept).suggestedFilename(), `${table}-2026-11-23.csv`);
  }
});
