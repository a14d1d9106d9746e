import { mkdirSync } from 'node:fs'
import type { Locator, Page } from '@playwright/test'
import { Cluster } from './cluster.ts'
import { notified } from './notified.ts'
import { expect, test, until } from './onfleet.ts'
import { Receiver } from './receiver.ts'

/**
 * Screenshots of every page in both themes, wide and narrow, in e2e/out/screenshots, to be looked at. With DOCS set, only
 * those that the README and the guide show are taken, and go to docs/guide/images.
 */
const out = 'e2e/out/screenshots'
const docs = process.env.DOCS ? '../docs/guide/images' : undefined

test.describe.configure({ timeout: 300_000 }) // 28 pictures on a busy machine

let launch = ''

test.beforeAll(async ({ cluster }) => {
  test.setTimeout(420_000)
  mkdirSync(out, { recursive: true })
  if (docs) mkdirSync(docs, { recursive: true })
  if (docs) await ripen(cluster)
  launch = (await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/rollout/run')).launch_id
  await until('the rollout runs', async () => {
    const { executions } = await cluster.get<{ executions: { output_size: number }[] }>(`v1/launches/${launch}`)
    return executions.length === 2
  })
})

/** Gives the cluster more to show. Without it the jobs stay as they are: other files share them. */
async function ripen(cluster: Cluster) {
  // To wait until the schedules have made a history would take minutes.
  const often = ['db-backup', 'heartbeat', 'queue-depth', 'heartbeat']
  for (let i = 0; i < 12; i++) await Promise.all(often.map(job => cluster.send('POST', `v1/jobs/${job}/run?wait`)))
  await cluster.send('PUT', 'v1/jobs/report', await changed(await cluster.get('v1/jobs/report')))
  // What the overview is about.
  await until(
    'one job did not run, and one fails again and again',
    async () => {
      const { health } = await cluster.get<{ health: Record<string, number> }>('v1/stats')
      const probe = await cluster.get<{ failure_streak: number }>('v1/jobs/broken-probe')
      return health.did_not_run! > 0 && probe.failure_streak > 2
    },
    120_000,
  )
}

const changed = async (job: { executor_config: Record<string, string> }) => ({
  ...job,
  executor_config: { ...job.executor_config, command: 'echo sent to 34 readers' },
  retries: 1,
})

/** The pages, and what to wait for on each. `guide`: the guide shows it. */
const views: { name: string; path: () => string; ready: (page: Page) => Promise<unknown>; guide?: boolean }[] = [
  { name: 'overview', path: () => '', ready: p => p.getByText('Start delay').waitFor(), guide: true },
  { name: 'jobs', path: () => 'jobs', ready: p => p.getByText('Database backup').first().waitFor(), guide: true },
  { name: 'job', path: () => 'jobs/db-backup', ready: p => p.getByText('Statistics').waitFor(), guide: true },
  {
    name: 'graph',
    path: () => 'jobs/report?tab=graph',
    ready: p => p.getByText('Extract orders').first().waitFor(),
    guide: true,
  },
  { name: 'versions', path: () => 'jobs/report?tab=versions', ready: p => p.getByText('Revision 1').first().waitFor() },
  {
    name: 'edit',
    path: () => 'jobs/db-backup/edit',
    ready: p => p.getByText('Every day at 03:30').first().waitFor(),
    guide: true,
  },
  { name: 'new', path: () => 'new', ready: p => p.getByLabel('Name', { exact: true }).waitFor() },
  {
    name: 'launches',
    path: () => 'launches',
    ready: p =>
      p
        .getByText(/heartbeat/i)
        .first()
        .waitFor(),
  },
  {
    name: 'launch',
    path: () => `launches/${launch}`,
    ready: p =>
      p
        .getByText(/step \d\d/)
        .first()
        .waitFor(),
    guide: true,
  },
  {
    name: 'timeline',
    path: () => 'timeline?span=240',
    ready: p =>
      p
        .getByText(/heartbeat/i)
        .first()
        .waitFor(),
    guide: true,
  },
  {
    name: 'channel',
    path: () => 'notifications?tab=channels&create=true',
    ready: p => p.getByLabel('Type').waitFor(),
  },
  { name: 'nodes', path: () => 'nodes', ready: p => p.getByText('web-2').first().waitFor(), guide: true },
  {
    name: 'audit',
    path: () => 'settings/audit',
    ready: p => p.getByRole('list', { name: 'Audit' }).waitFor(),
    guide: true,
  },
  { name: 'node', path: () => 'nodes/db-1', ready: p => p.getByText('role=db').first().waitFor() },
  { name: 'settings', path: () => 'settings', ready: p => p.getByText('From a script').waitFor() },
]

const schemes = ['light', 'dark'] as const
const sizes = docs ? [[1440, 900] as const] : [[1440, 900] as const, [390, 844] as const]

test('screenshots', async ({ page, cluster }) => {
  for (const { name, path, ready } of views.filter(view => !docs || view.guide))
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      await page.goto(`${cluster.url()}ui/${path()}`)
      await ready(page)
      await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(sideways, `${name} at ${width} px scrolls sideways`).toBeLessThanOrEqual(0)
      await both(page, docs ? name : `${name}-${width}`)
    }
})

/** Takes a picture in both themes. `part`: what is taken, else the window. */
async function both(page: Page, name: string, part: Page | Locator = page) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    await part.screenshot({ path: `${docs ?? out}/${name}-${colorScheme}.png`, animations: 'disabled' })
  }
}

if (docs) {
  test('pictures of notifications and objectives', async ({ page, cluster }) => {
    const receiver = await Receiver.start()
    try {
      await notified(cluster, receiver.url)
      await page.setViewportSize({ width: 1440, height: 680 })
      await page.goto(`${cluster.url()}ui/notifications`)
      await page.getByRole('list', { name: 'Open alerts' }).waitFor()
      await both(page, 'notifications')
      await page.goto(`${cluster.url()}ui/`)
      const panel = page.locator('section').filter({ has: page.getByRole('list', { name: 'Objectives in danger' }) })
      await panel.waitFor()
      await both(page, 'objectives', panel)
    } finally {
      receiver.stop()
    }
  })

  test('pictures of signing in', async ({ page }) => {
    const cluster = await Cluster.start([{ name: 'dk1', server: true, acl: true }])
    try {
      await page.setViewportSize({ width: 880, height: 520 })
      await page.goto(`${cluster.url()}ui/`)
      await page.getByRole('heading', { name: 'Sign in to dkron' }).waitFor()
      await both(page, 'sign-in')
    } finally {
      await cluster.stop()
    }
  })
}
