import type { Page } from '@playwright/test'
import type { NodePlan } from './cluster.ts'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

const nodes: NodePlan[] = [{ name: 'dk1', server: true, tags: { at: 'dk1' } }]
test.use({ plan: { nodes } })
test.describe.configure({ timeout: 180_000 }) // axe, on a busy machine

const day = 'timeline?span=86400'

const job = (name: string, schedule: string, more: object = {}) => ({
  name,
  schedule,
  timezone: 'UTC',
  executor: 'shell',
  executor_config: { command: 'true' },
  ...more,
})

/** A time of the day some hours from now, as a schedule of every day. */
function tonight(hours: number) {
  const at = new Date(Date.now() + hours * 3600_000)
  return `0 ${at.getUTCMinutes()} ${at.getUTCHours()} * * *`
}

const row = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Jobs' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) })

test('24 hours show the job of the night, next to one that runs every second', async ({ cluster, visit }) => {
  const others = Array.from({ length: 61 }, (_, i) => job(`job-${String(i).padStart(2, '0')}`, `0 ${i % 60} * * * *`))
  await cluster.jobs(
    job('beat', '@every 1s'),
    job('backup-night', tonight(7), { displayname: 'Backup of the night' }),
    ...others,
  )
  const page = await visit(day)
  await expect(row(page, 'backup-night')).toContainText('1 due')
  await expect(page.getByText(/not listed/)).toHaveCount(0)
  await looksRight(page, 'timeline-day')

  // The filter is applied by the server, before anything is summed up.
  await page.getByRole('textbox', { name: 'Find jobs' }).fill('night')
  await expect(row(page, 'beat')).toHaveCount(0)
  await expect(row(page, 'backup-night')).toContainText('1 due')

  await page.goto(page.url().replace(/\?.*/, '?span=86400&table=true&search=beat'))
  const band = page
    .getByRole('row')
    .filter({ hasText: /due every 1 s/ })
    .first()
  await expect(band).toBeVisible()
})

test('24 hours are 24 hours with 20,000 jobs', async ({ cluster, visit }) => {
  test.setTimeout(180_000)
  const many = Array.from({ length: 20_000 }, (_, i) =>
    job(`many-${String(i).padStart(5, '0')}`, i % 3 ? `0 ${i % 60} ${i % 24} * * *` : `0 ${i % 60} * * * *`, {
      metadata: { team: i % 2 ? 'data' : 'web' },
    }),
  )
  await cluster.jobs(...many, job('zz-late', tonight(8)))
  await until('all exist', async () => (await cluster.get<unknown[]>('v1/jobs?_start=19999')).length > 0)
  const page = await visit(day)
  await expect(page.getByText(/due times: those of a job that are less than .* apart are one band/)).toBeVisible()
  await looksRight(page, 'timeline-many')
  await page.getByRole('textbox', { name: 'Find jobs' }).fill('zz')
  await expect(row(page, 'zz-late')).toContainText('1 due')
})
