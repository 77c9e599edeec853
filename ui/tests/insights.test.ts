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
