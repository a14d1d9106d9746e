import { defineConfig } from '@playwright/test'

/** The browser of the distribution: nothing is downloaded. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/out/results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1, // each has a cluster, and two cores are all that CI has
  forbidOnly: !!process.env.CI,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
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
    { name: 'e2e', testMatch: '*.test.ts' },
    { name: 'screenshots', testMatch: 'screenshots.ts' },
    { name: 'measure', testMatch: 'measure.ts' },
  ],
})
