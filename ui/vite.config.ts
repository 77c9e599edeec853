import { sort } from '@compiled/css';
import react from '@vitejs/plugin-react';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/**
 * Atlaskit's styles are atomic rules of equal weight, each package with its own copy: their order in the sheet decides. Compiled,
 * which made them, says the order: `font` before `font-weight`, plain before `:hover`.
 */
function orderAtomicRules(): Plugin {
  return {
    name: 'order-atomic-rules',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.css')) {
          const css = typeof file.source === 'string' ? file.source : new TextDecoder().decode(file.source);
          file.source = sort(css, { sortAtRulesEnabled: true, sortShorthandEnabled: true });
        }
      }
    },
  };
}

/** Puts a compressed copy beside each text, which the server sends to browsers that take it. */
function compressTexts(): Plugin {
  return {
    name: 'compress-texts',
    writeBundle({ dir }) {
      for (const file of readdirSync(dir ?? 'dist', { recursive: true, withFileTypes: true })) {
        if (!file.isFile() || !/\.(css|html|js|json|svg)$/.test(file.name)) continue;
        const path = join(file.parentPath, file.name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** The self-hosted server shows the first three, Jira the others and the first two. */
const entries = ['app', 'admin', 'sign-in', 'portal', 'agent'];

export default defineConfig({
  plugins: [react(), orderAtomicRules(), compressTexts()],
  // Relative addresses: the same files are served at /app by the server and from a folder by Forge.
  base: './',
  // Some Atlaskit modules read process.env; browsers have none.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' },
  resolve: {
    alias: [
      {
        find: /^@atlaskit\/feature-gate-js-client(\/.*)?$/,
        replacement: fileURLToPath(new URL('src/shell/featureGates.ts', import.meta.url)),
      },
    ],
  },
  build: {
    outDir: 'dist',
    // One sheet: the order of rules must not depend on which page was opened first.
    cssCodeSplit: false,
    // Never inline a file as a data: address; the content security policy would have to allow it.
    assetsInlineLimit: 0,
    // The preload polyfill would be an inline script.
    modulePreload: { polyfill: false },
    rollupOptions: { input: Object.fromEntries(entries.map((name) => [name, `${name}.html`])) },
  },
});
