import { defineConfig } from 'vite';

// The server embeds the files of dist/ and serves assets with far-reaching caching: their names
// carry a hash of the content.
export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    // For work on the client: `npm run dev` beside a running server.
    proxy: { '/foundry': { target: 'ws://127.0.0.1:8080', ws: true } },
  },
});
