/**
 * Takes a picture of every page in both themes, to be looked at: `npm run look`, then see `test-results/`.
 * Says what axe finds wrong and what the browser's console complains of.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openPage } from './browser.ts';
import { mockApi } from './mock/api.ts';
import { pages } from './pages.ts';
import { serve } from './server.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = process.argv[2];
mkdirSync('test-results', { recursive: true });
const server = await serve(mockApi());
for (const colorScheme of ['light', 'dark'] as const) {
  const opened = await openPage({ colorScheme });
  opened.page.on('console', (message) => message.type() === 'error' && console.log('console:', message.text()));
  opened.page.on('pageerror', (error) => console.log('page error:', String(error)));
  for (const [name, address] of pages) {
    if (only && !name.includes(only)) continue;
    await opened.page.goto('about:blank');
    await opened.page.goto(server.origin + address);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    await opened.page.waitForLoadState('networkidle');
    await opened.page.screenshot({ path: `test-results/${name}-${colorScheme}.png`, fullPage: true });
    await opened.page.evaluate(axe);
    const found = (await opened.page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
    for (const { id, nodes } of found.violations) console.log(`${name} ${colorScheme} ${id}: ${nodes[0]?.html.slice(0, 160)} (${nodes.length}) ${nodes[0]?.failureSummary.replaceAll('\n', ' ').slice(0, 200)}`);
  }
  await opened.close();
}
await server.close();
