import type { Locator } from '@playwright/test'
import { company, companyHealth, companyNodes } from './fleet.ts'
import { looksRight } from './looks.ts'
import { expect, test } from './page.ts'

/** The page of a company's cluster on a bad night: everything that can be wrong with a job is, and fits the screen. */

test.use({ plan: { nodes: companyNodes } })
test.describe.configure({ timeout: 300_000 }) // many pages, on a busy machine
test.beforeAll(async ({ cluster }) => {
  test.setTimeout(420_000)
  await company(cluster)
})

test('the overview has each kind of trouble, with what to do', async ({ cluster, visit }) => {
  const { health } = await cluster.get<{ health: Record<string, number> }>('v1/stats')
  for (const kind of companyHealth) expect(health[kind], kind).toBeGreaterThan(0)
  const page = await visit()
  const list = (name: string) => page.getByRole('list', { name })
  // The tile counts jobs, not how often they failed.
  await expect(async () => {
    const { health: now } = await cluster.get<{ health: Record<string, number> }>('v1/stats')
    const figure = page
      .getByRole('link', { name: /^Failing jobs/ })
      .locator('span')
      .nth(1)
    await expect(figure).toHaveText(String(now.failing), { timeout: 1000 })
  }).toPass({ timeout: 30_000 })
  await expect(list('Failing now')).toContainText('over its memory limit of 20 MB')
  await expect(list('Failing now')).toContainText('timed out after 2 s')
  await expect(list('Failing now')).toContainText('answered 404, expected 200')
  await expect(list('Failing now')).toContainText('<b>Bold</b>')
  await expect(list('Did not run')).toContainText(/warm-up-rack-12.*started \d\d:\d\d/)
  // Another launch of what is late or runs long would only wait or make it worse.
  const slow = list('Late and running long')
  await expect(slow.getByRole('link', { name: /Details|Output/ })).toHaveCount(2)
  await expect(slow.getByRole('button')).toHaveCount(0)
})

/** No column of a table is cut by its panel. */
async function fits(table: Locator) {
  const [right, panel] = await table.evaluate(t => [
    Math.max(...[...t.querySelectorAll('td, th')].map(cell => cell.getBoundingClientRect().right)),
    t.parentElement!.getBoundingClientRect().right,
  ])
  expect(right).toBeLessThanOrEqual(panel! + 1)
}

test('the launches fit a screen of 1440 px: no reason is cut, and no name in pieces', async ({ cluster, visit }) => {
  const page = await visit('launches?group=job')
  await expect(page.getByRole('row').filter({ hasText: 'warm-up-rack-12' })).toContainText('did not answer')
  await fits(page.getByRole('table'))
  await page.goto(`${cluster.url()}ui/launches?job=search-index`)
  const name = page.getByRole('cell').getByRole('link', { name: 'Index what was written', exact: true }).first()
  expect((await name.boundingBox())!.height).toBeLessThan(30)
})

test('the nodes fit a screen of 1440 px: no column is cut, and no name in pieces', async ({ visit }) => {
  const page = await visit('nodes')
  const table = page.getByRole('table', { name: 'Nodes' })
  await expect(table).toBeVisible()
  await fits(table)
  await expect(page.getByRole('row', { name: /web-3/ })).not.toContainText('idle')
  for (const width of [390, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 })
    const labels = table.locator('.mantine-Badge-label:visible')
    await expect(labels.filter({ hasText: /^(server|leader|agent)$/ })).not.toHaveCount(0)
    const cut = await labels.evaluateAll(all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent))
    expect(cut, `at ${width} px`).toEqual([])
    // The name is whole, and so is how much runs.
    expect((await table.getByRole('link', { name: 'web-1', exact: true }).boundingBox())!.height).toBeLessThan(30)
    const ends = await table.locator('td:visible').evaluateAll(all => all.map(e => e.getBoundingClientRect().right))
    expect(Math.max(...ends), `at ${width} px`).toBeLessThanOrEqual(width)
  }
})

const others = ['jobs', 'jobs/odd_characters', 'jobs/health-checkout?tab=launches', 'launches', 'nodes']
for (const path of ['', ...(process.env.PICTURES ? others : [])])
  test(`/${path} of a company fits wide and narrow screens`, async ({ visit }) => {
    const page = await visit(path)
    await looksRight(page, `company-${path.replace(/\W/g, '-') || 'overview'}`)
  })
