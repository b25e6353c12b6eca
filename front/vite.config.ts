import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// KUBESHARK_HUB: where `npm run dev` finds a hub (or dev/mock-hub.mjs).
const hub = process.env.KUBESHARK_HUB ?? 'http://127.0.0.1:8899';

export default defineConfig({
  // Relative asset addresses: the hub may serve the dashboard under any base path.
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: { target: 'es2022', chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': { target: hub, ws: true } } },
});
