import type { Page } from '@playwright/test'
import type { Cluster } from './cluster.ts'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

test.describe.configure({ timeout: 300_000 }) // axe, on a busy machine
test.use({ plan: { nodes: [{ name: 'dk1', server: true, tags: { at: 'dk1' } }] } })

const job = (name: string, command: string, more: object = {}) => ({
  name,
  schedule: '@manually',
  executor: 'shell',
  executor_config: { shell: 'true', command },
  ...more,
})

const row = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Jobs' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) })

const widest = { width: 1920, height: 1080 }

async function picture(page: Page, name: string) {
  if (!process.env.PICTURES) return
  await page.setViewportSize(widest)
  await page.screenshot({ path: `e2e/out/pictures/${name}-light-1920.png` })
  await page.setViewportSize({ width: 1440, height: 900 })
}

// Each story has the same past: 45 failures of one job, one of another, a success, and a run that found no node.
test.beforeAll(async ({ cluster }) => {
  test.setTimeout(120_000)
  await cluster.jobs(
    job('health-checkout', 'echo "ERROR 503 from upstream"; exit 7', { owner: 'shop' }),
    job('backup-etcd', 'sleep 1; echo done'),
    job('migrate-orders', 'exit 2', { confirm: true }),
    job('lonely', 'true', { tags: { role: 'none' }, schedule: `@at ${new Date(Date.now() + 3000).toISOString()}` }),
  )
  const run = (name: string) => cluster.send('POST', `v1/jobs/${name}/run`)
  await Promise.all(['backup-etcd', 'migrate-orders', ...Array<string>(45).fill('health-checkout')].map(run))
  await until('all have ended', async () => (await countEnded(cluster)) === 48)
})

/** How many launches have ended. */
async function countEnded(cluster: Cluster): Promise<number> {
  const { jobs } = await cluster.get<{ jobs: { states: Record<string, number> }[] }>('v1/launches/jobs?sums')
  const open = new Set(['waiting', 'queued', 'running'])
  return jobs
    .flatMap(one => Object.entries(one.states))
    .filter(([state]) => !open.has(state))
    .reduce((sum, [, count]) => sum + count, 0)
}

test('the past of a day is shown whole, a noisy job as bands', async ({ cluster, visit }) => {
  const asked: string[] = []
  const page = await visit()
  page.on('request', request => asked.push(new URL(request.url()).pathname))
  await page.goto(`${cluster.url()}ui/timeline?span=86400`)
  await expect(row(page, 'health-checkout')).toContainText('45 failed')
  await expect(row(page, 'backup-etcd')).toContainText('1 run')
  await expect(row(page, 'lonely')).toContainText('1 not run')
  expect(asked.filter(path => path.endsWith('/v1/executions'))).toEqual([])
  await looksRight(page, 'past-day', 'ul[aria-label="Jobs"]')
  await picture(page, 'past-day')

  // The picture of a week is from the day that it begins to the day that it ends.
  await page.goto(`${cluster.url()}ui/timeline?span=604800&search=health`)
  await expect(row(page, 'health-checkout')).toContainText('45 failed')
  await expect(row(page, 'backup-etcd')).toHaveCount(0)
  await expect(page.getByText(/^\d{4}-\d\d-\d\d \d\d:\d\d – \d{4}-\d\d-\d\d \d\d:\d\d$/)).toBeVisible()

  // With failures only, what failed is all there is: it is counted once.
  await page.getByRole('switch', { name: 'Failures only' }).press('Space')
  await expect(page).toHaveURL(/failed=true/)
  await expect(row(page, 'health-checkout')).toContainText('45 failed')
  await expect(row(page, 'health-checkout')).not.toContainText('run')
  await page.getByRole('switch', { name: 'Failures only' }).press('Space')

  // Enter on the band opens the newest that failed.
  await page.getByRole('application').focus()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByText(/^health-checkout, 45 runs, all failed, from/)).toBeAttached()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/launches\/health-checkout\.\d+$/)

  await page.goto(`${cluster.url()}ui/timeline?span=900&table=true`)
  await expect(page.getByRole('row').filter({ hasText: '45 runs, all failed' })).toBeVisible({ timeout: 30_000 })
})

test('the past of minutes is up to date while a job runs each second', async ({ cluster, visit }) => {
  await cluster.jobs(job('beat', '[ $(($(date +%s) % 3)) != 0 ]', { schedule: '@every 1s' }))
  const page = await visit('timeline?span=240')
  await expect(row(page, 'beat')).toContainText('failed', { timeout: 30_000 })
  await looksRight(page, 'past-minutes', 'ul[aria-label="Jobs"]')
  await cluster.send('DELETE', 'v1/jobs/beat')
})

test('one noisy job does not fill the list of failures', async ({ cluster, visit }) => {
  const page = await visit('launches')
  await expect(page.getByRole('switch', { name: 'Group by job' })).not.toBeChecked()
  const due = page.getByRole('row').nth(2).getByRole('cell').nth(4)
  await expect(due).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  expect((await due.boundingBox())!.height).toBeLessThan(50)
  // The first column is what the list is sorted by.
  await expect(page.getByRole('columnheader').first()).toHaveText('Ended')
  const today = page.getByRole('rowgroup').filter({ has: page.getByRole('rowheader', { name: 'Today' }) })
  const ended = await today.locator('td:first-child').allInnerTexts()
  expect(ended.length).toBeGreaterThan(0)
  expect(ended).toEqual(ended.toSorted().toReversed())
  await picture(page, 'past-launches')
  await looksRight(page, 'past-launches')
  await page.getByRole('link', { name: 'Recent failures' }).click()
  await expect(page.getByRole('switch', { name: 'Group by job' })).toBeChecked()
  await expect(page.getByText('46 launches of 2 jobs')).toBeVisible()
  const noisy = page.getByRole('row').filter({ hasText: 'health-checkout' })
  await expect(noisy).toHaveCount(1)
  await expect(noisy).toContainText('× 45')
  await expect(noisy).toContainText('ERROR 503 from upstream')
  await looksRight(page, 'past-groups')
  await picture(page, 'past-groups')

  await page.getByRole('switch', { name: 'Group by job' }).press('Space')
  await expect(page).toHaveURL(/group=none/)
  await expect(page.getByRole('row').filter({ hasText: 'health-checkout' })).toHaveCount(45)
  await page.getByRole('switch', { name: 'Group by job' }).press('Space')
  await expect(page).not.toHaveURL(/group=/)
  await page.getByRole('link', { name: '45 launches of health-checkout' }).click()
  await expect(page).toHaveURL(/job=health-checkout/)
  await expect(page.getByRole('row').filter({ hasText: 'health-checkout' })).toHaveCount(45)

  await page.goto(`${cluster.url()}ui/launches?group=job`)
  await expect(page.getByText('48 launches of 4 jobs')).toBeVisible()
})

test('a question about many launches names the jobs that ask first', async ({ visit }) => {
  const page = await visit('launches?state=failed&period=hour')
  await page.getByRole('button', { name: 'Run again…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run 46 launches again?' })
  const warning = '1 of the 2 jobs is set to ask before it is started or stopped: migrate-orders.'
  await expect(dialog.getByText(warning)).toBeVisible()
  await looksRight(page, 'past-asks-first', '[role=dialog]')
  await picture(page, 'past-asks-first')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})
