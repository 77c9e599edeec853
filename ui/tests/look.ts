/**
 * Takes a picture of every page in both themes, to be looked at: `npm run look`, then see `test-results/`.
 * With a word, only pages whose name contains it.
 */
import { mkdirSync } from 'node:fs';
import { openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi } from './mock/api.ts';
import { pages } from './pages.ts';
import { serve } from './server.ts';

const only = process.argv[2] ?? '';
mkdirSync('test-results', { recursive: true });
const server = await serve(mockApi());
for (const colorScheme of ['light', 'dark'] as const) {
  const opened = await openPage({ colorScheme });
  for (const [name, address] of pages.filter(([name]) => name.includes(only))) {
    await open(opened.page, server.origin + address);
    await opened.page.screenshot({ path: `test-results/${name}-${colorScheme}.png`, fullPage: true });
  }
  await opened.close();
}
await server.close();
