/**
 * What the browser fetches to show each surface in Jira, in bytes as built and gzipped: `npm run sizes`, after `npm run build`. Counted from
 * the requests of a real page load, without what opens later.
 */
import { gzipSync } from 'node:zlib';
import { inJira } from './bridge.ts';
import { launchBrowser } from './browser.ts';
import { mockApi } from './mock/api.ts';
import { serve } from './server.ts';

const surfaces: [module: string, file: string, extension: object][] = [
  ['admin', 'admin.html', {}],
  ['app', 'app.html', {}],
  ['portal-create', 'portal.html', {}],
  ['portal-detail', 'portal.html', { request: { id: '10001' } }],
  ['portal-access', 'portal.html', {}],
  ['issue', 'agent.html', { issue: { id: '10002' } }],
  ['queue', 'agent.html', {}],
];

const server = await serve({ answer: () => ({ status: 404, body: {} }) });
const browser = await launchBrowser();
for (const [moduleKey, file, extension] of surfaces) {
  const page = await browser.newPage();
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => void bodies.push(response.body()));
  await inJira(page, mockApi(), { moduleKey, extension });
  await page.goto(`${server.origin}/${file}`, { waitUntil: 'networkidle' });
  await page.locator('main').waitFor();
  await page.waitForTimeout(500);
  const files = await Promise.all(bodies);
  const kilobytes = (size: (body: Buffer) => number) => (files.reduce((sum, body) => sum + size(body), 0) / 1000).toFixed(0);
  console.log(
    `${moduleKey}: ${files.length} files, ${kilobytes((body) => body.length)} kB, ${kilobytes((body) => gzipSync(body).length)} kB gzipped`,
  );
  await page.close();
}
await browser.close();
await server.close();
