import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { base } from './scripts/base.ts'
import { budget } from './scripts/budget.ts'
import { compress } from './scripts/compress.ts'

// The server that `npm run dev` proxies to; Vite serves only the page.
const server = process.env.DKRON_URL ?? 'http://127.0.0.1:8080'

export default defineConfig(({ command }) => ({
  plugins: [react(), base(), budget(), compress()],
  // Relative, so that the page works behind any path prefix; the server sets <base>.
  base: command === 'build' ? './' : '/ui/',
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../internal/webui/dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/v1': server,
      '/health': server,
      '/ready': server,
      '/docs': server,
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    // Files that run in one thread share packages and the document (see setup.ts): loading them for each file took most of the time.
    pool: 'threads',
    isolate: false,
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
}))
