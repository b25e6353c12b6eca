import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// KUBESHARK_HUB: where `npm run dev` finds a hub (or dev/mock-hub.mjs).
const hub = process.env.KUBESHARK_HUB ?? 'http://127.0.0.1:8899';

/** The hub serves NAME.gz to whoever takes gzip: a third of the bytes, and none of its time. */
const precompressed: Plugin = {
  name: 'precompressed',
  apply: 'build',
  generateBundle(_options, bundle) {
    for (const [fileName, file] of Object.entries(bundle)) {
      if (!/\.(js|css)$/.test(fileName)) continue;
      const source = gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 });
      this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source });
    }
  },
};

export default defineConfig({
  // Relative asset addresses: the hub may serve the dashboard under any base path.
  base: './',
  plugins: [react(), precompressed],
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': { target: hub, ws: true } } },
});
