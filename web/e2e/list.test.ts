import { expect, test, until } from './page.ts'

const total = 20_000

// A cluster of its own: in one with 20,000 jobs, the stories of other files take longer.
test.use({ plan: { nodes: [{ name: 'many', server: true }] } })

test.beforeAll(async ({ cluster }) => {
  test.setTimeout(120_000)
  const jobs = Array.from({ length: total }, (_, i) => ({
    name: `job-${String(i).padStart(5, '0')}`,
    schedule: `0 ${i % 60} ${i % 24} * * *`,
    owner: ['ann', 'bob', 'cy'][i % 3],
    metadata: { team: i % 2 ? 'data' : 'web' },
    executor: 'shell',
    executor_config: { command: 'true' },
  }))
  await cluster.jobs(...jobs)
  await until('all exist', async () => (await cluster.get<unknown[]>('v1/jobs?_start=19999')).length === 1)
})

test('20,000 jobs are paged, searched, sorted and filtered, and the address keeps it', async ({ visit }) => {
  const page = await visit('jobs')
  await expect(page.getByText('20,000 jobs')).toBeVisible()
  await expect(page.getByRole('row')).toHaveCount(51)
  await page.getByRole('button', { name: 'Next page' }).click()
  await expect(page.getByText('job-00050').first()).toBeVisible()

  await page.keyboard.press('/')
  await page.keyboard.type('job-0123 data')
  await expect(page.getByText('5 jobs')).toBeVisible()
  await expect(page).toHaveURL(/search=job-0123/)
  await page.reload()
  await expect(page.getByText('5 jobs')).toBeVisible()

  await page.goto(page.url().replace(/\?.*/, '?owner=bob&sort=next'))
  await expect(page.getByText('6,667 jobs')).toBeVisible()
  await page.getByRole('columnheader', { name: 'Next run' }).getByRole('button').click()
  await expect(page).toHaveURL(/order=desc/)
  await page.getByRole('button', { name: 'Remove the filter Owner bob' }).click()
  await expect(page.getByText('20,000 jobs')).toBeVisible()
  await page.goBack()
  await expect(page.getByText('6,667 jobs')).toBeVisible()
})

test('all that match are disabled together', async ({ cluster, visit }) => {
  const page = await visit('jobs?search=job-0199')
  await expect(page.getByText('10 jobs')).toBeVisible()
  await page.getByRole('checkbox', { name: /all/i }).first().check()
  const bar = page.getByRole('region', { name: 'Selected jobs' })
  await bar.getByRole('button', { name: 'Disable' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Disable/ })
    .click()
  await until('ten are disabled', async () => {
    const disabled = await cluster.get<unknown[]>('v1/jobs?disabled=true')
    return disabled.length === 10
  })
})

test('a job is deleted after a question, and restored', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'aaa-first', schedule: '@daily', executor: 'shell', executor_config: { command: 'true' } })
  const page = await visit('jobs?search=aaa-first')
  await page.getByRole('button', { name: 'Actions for aaa-first' }).click()
  await page.getByRole('menuitem', { name: /Delete/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Delete/ })
    .click()
  await until('it is deleted', async () => (await cluster.get<unknown[]>('v1/jobs?q=aaa-first')).length === 0)
  await page.getByRole('button', { name: 'Undo' }).click()
  await until('it is back', async () => (await cluster.get<unknown[]>('v1/jobs?q=aaa-first')).length === 1)
})

test('on a phone it is a list of cards, and the menu opens', async ({ page, cluster }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(`${cluster.url()}ui/jobs`)
  await expect(page.getByText('job-00001').first()).toBeVisible()
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(sideways).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Nodes' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Nodes' })).toBeVisible()
})
