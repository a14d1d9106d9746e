import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

/** The browser of the distribution, as the Makefile chooses it: nothing is downloaded. */
const shell = '/usr/bin/chromium-headless-shell'
const executablePath = process.env.CHROMIUM ?? (existsSync(shell) ? shell : '/usr/bin/chromium')

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/out/results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1, // each has a cluster, and two cores are all that CI has
  forbidOnly: !!process.env.CI,
  retries: process.env.CI ? 1 : 0, // a machine may stall; what passed only then is listed as flaky, with its trace, to be looked into
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    trace: 'on-first-retry',
    actionTimeout: 15_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'e2e', testMatch: '*.test.ts' }, // a cluster is filled once for all files of one worker
    { name: 'screenshots', testMatch: 'screenshots.ts' },
    { name: 'measure', testMatch: 'measure.ts' },
    { name: 'pictures', testMatch: 'pictures.ts' },
    { name: 'fleet', testMatch: 'open.ts' },
  ],
})
