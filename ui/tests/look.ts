/**
 * Takes a picture of every page and of the states that a page passes through, in both themes, to be looked at: `npm run look`,
 * then see `test-results/`. With a word, only pictures whose name contains it.
 */
import { mkdirSync } from 'node:fs';
import { openPage } from './browser.ts';
import { open } from './checks.ts';
import { mockApi } from './mock/api.ts';
import { scenes, slow } from './scenes.ts';
import { serve } from './server.ts';

const only = process.argv[2] ?? '';
mkdirSync('test-results', { recursive: true });
for (const { name, address, api = mockApi(), act, width } of scenes.filter((scene) => scene.name.includes(only))) {
  const server = await serve(api);
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, close } = await openPage({ colorScheme, ...(width ? { viewport: { width, height: 800 } } : {}) });
    if (api === slow) await page.goto(server.origin + address, { waitUntil: 'load' });
    else await open(page, server.origin + address);
    await act?.(page);
    await page.waitForTimeout(200);
    await page.screenshot({ path: `test-results/${name}-${colorScheme}.png`, fullPage: !act });
    await close();
  }
  await server.close();
}
