/**
 * The offline verifier as an auditor opens it: a file on disk, without a network, checking a pack that the shipped program exported.
 * `cargo xtask verifier` builds the page.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { type OpenPage, openPage } from './browser.ts';
import { program } from './site.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const file = join(root, 'target', 'verifier', 'clearance-evidence-verifier.html');

let folder: string;
let key: string;
let opened: OpenPage;
let page: Page;
const complaints: string[] = [];
const requests: string[] = [];

const clearance = (...words: string[]) =>
  execFileSync(program('clearance'), [...words, '--data', join(folder, 'data')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

before(async () => {
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`cargo xtask verifier\` first`);
  folder = mkdtempSync(join(tmpdir(), 'clearance-verifier-'));
  clearance('catalog', 'load-starter');
  clearance('evidence', 'export', '--from', '2020-01-01', '--to', '2100-01-01', '--output', join(folder, 'pack.zip'));
  key = clearance('evidence', 'keys').trim();
  opened = await openPage({ offline: true });
  page = opened.page;
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => !request.url().startsWith('file:') && requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
});

after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function check(pack: string, keys: string): Promise<string> {
  await page.getByLabel('Evidence pack').setInputFiles(pack);
  await page.getByLabel('verifier key').fill(keys);
  await page.getByRole('button', { name: 'Check the pack' }).click();
  const verdict = page.getByRole('heading', { level: 2, name: /^(The pack (is|was)|Nothing was)/ });
  await verdict.waitFor();
  return (await verdict.textContent()) ?? '';
}

test('a good pack passes every check, and the page says what is not proven', async () => {
  assert.equal(await check(join(folder, 'pack.zip'), key), 'The pack is sound.');
  const checks = await page.getByRole('listitem').filter({ hasText: 'Passed' }).count();
  assert.equal(checks, 9);
  await page.getByText(/all records from 2020/).waitFor();
  await page.getByText('not proven by the log').waitFor();
  await page.screenshot({ path: 'test-results/verifier.png', fullPage: true });
});

test('a tampered pack is refused, and the check that failed is named', async () => {
  const bytes = readFileSync(join(folder, 'pack.zip'));
  const at = bytes.indexOf('"kind":"tool.added"');
  bytes[at + 9] = 'T'.charCodeAt(0);
  const tampered = join(folder, 'tampered.zip');
  writeFileSync(tampered, bytes);
  assert.match(await check(tampered, key), /^The pack is not sound: record \d+ was changed|damaged/);
  await page.getByRole('listitem').filter({ hasText: 'Failed' }).first().waitFor();
  await page.screenshot({ path: 'test-results/verifier-tampered.png', fullPage: true });
});

test('another key, a file that is no pack and a text that is no key are refused in words', async () => {
  const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  assert.match(await check(join(folder, 'pack.zip'), other), /not keys of/);
  writeFileSync(join(folder, 'other.zip'), 'this is no zip file, but long enough to be one');
  assert.match(await check(join(folder, 'other.zip'), key), /no zip file/);
  assert.match(await check(join(folder, 'pack.zip'), 'nonsense'), /no verifier key/);
});

test('the page reaches nothing and complains of nothing', async () => {
  const reached = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => true,
      () => false,
    ),
  );
  assert.equal(reached, false);
  assert.deepEqual(
    requests.filter((url) => !url.startsWith('blob:')),
    [],
  );
  assert.deepEqual(
    complaints.filter((text) => !text.includes('Content Security Policy') && !text.includes('example.com')),
    [],
  );
});
