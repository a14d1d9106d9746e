import type { Page } from '@playwright/test'
import type { NodePlan } from './cluster.ts'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

test.describe.configure({ timeout: 300_000, mode: 'serial' }) // axe, on a busy machine

const nodes: NodePlan[] = [{ name: 'dk1', server: true, tags: { at: 'dk1' } }]
test.use({ plan: { nodes } })

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

test('an empty cluster fits a phone: nothing is cut off', async ({ visit }) => {
  for (const path of ['', 'jobs', 'launches', 'timeline']) {
    const page = await visit(path)
    await page.setViewportSize({ width: 390, height: 844 })
    await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
    // What leaves its box is cut off, unless the box can be scrolled to it.
    await expect.poll(() => cutOff(page, 390), { message: `/${path}` }).toEqual([])
  }
})

/** The texts and buttons of the page that lie partly beyond the screen, and can't be scrolled to. */
const cutOff = (page: Page, width: number) =>
  page.evaluate(most => {
    const scrolls = (e: Element | null): boolean =>
      e !== null && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement))
    return [...document.querySelectorAll('main *')]
      .filter(
        e => e.matches('button, a, pre') || [...e.childNodes].some(n => n.nodeType === 3 && n.textContent?.trim()),
      )
      .filter(e => {
        const { left, right, width: wide } = e.getBoundingClientRect()
        return wide > 1 && (left < 0 || right > most) && !scrolls(e.matches('pre') ? null : e.parentElement)
      })
      .map(e => e.outerHTML.slice(0, 120))
  }, width)

test('the past of a day is shown whole, a noisy job as bands', async ({ cluster, visit }) => {
  await cluster.jobs(
    job('health-checkout', 'echo "ERROR 503 from upstream"; exit 7', { owner: 'shop' }),
    job('backup-etcd', 'sleep 1; echo done'),
    job('migrate-orders', 'exit 2', { confirm: true }),
    job('beat', '[ $(($(date +%s) / 7 % 3)) != 0 ]', { schedule: '@every 1s' }),
    job('lonely', 'true', { tags: { role: 'none' }, schedule: `@at ${new Date(Date.now() + 3000).toISOString()}` }),
  )
  for (const name of ['backup-etcd', 'migrate-orders']) await cluster.send('POST', `v1/jobs/${name}/run`)
  for (let i = 0; i < 45; i++) await cluster.send('POST', 'v1/jobs/health-checkout/run?wait')
  await until('all have ended', async () => {
    const { jobs } = await cluster.get<{ jobs: { job: string; states: object }[] }>('v1/launches/jobs?sums')
    return jobs.length === 5 && jobs.every(j => j.job === 'beat' || !('running' in j.states || 'waiting' in j.states))
  })
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
  await page.goto(`${cluster.url()}ui/timeline?span=240`)
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
