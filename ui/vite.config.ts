import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // Relative addresses: the same files are served at /app by the server and from a folder by Forge.
  base: './',
  // Some Atlaskit modules read process.env; browsers have none.
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' },
  resolve: {
    alias: [{ find: /^@atlaskit\/feature-gate-js-client(\/.*)?$/, replacement: fileURLToPath(new URL('src/shell/featureGates.ts', import.meta.url)) }],
  },
  build: {
    outDir: 'dist',
    // Never inline a file as a data: address; the content security policy would have to allow it.
    assetsInlineLimit: 0,
    // The preload polyfill would be an inline script.
    modulePreload: { polyfill: false },
    rollupOptions: { input: { app: 'app.html', admin: 'admin.html', 'sign-in': 'sign-in.html' } },
  },
});
