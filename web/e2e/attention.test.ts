import type { Page } from '@playwright/test'
import { looksRight } from './looks.ts'
import { expect, test, until } from './onfleet.ts'

/** What somebody sees who was woken: what fails, since when and why, and the views that find it again. */

test.describe.configure({ timeout: 240_000 }) // many pages, on a busy machine
test.beforeAll(async ({ cluster }) => {
  test.setTimeout(300_000)
  for (const [health, job] of [
    ['failing', 'broken-probe'],
    ['did_not_run', 'gpu-training'],
  ])
    await until(
      `${job} is ${health}`,
      async () => (await cluster.get<{ health: string }>(`v1/jobs/${job}`)).health === health,
      120_000,
    )
})

test('the overview begins with what fails, once for each job, and with what did not run', async ({ visit }) => {
  const page = await visit()
  const failing = page.getByRole('list', { name: 'Failing now' })
  const probe = failing.getByRole('listitem').filter({ hasText: 'Broken probe' })
  await expect(probe).toHaveCount(1)
  await expect(probe).toContainText(/failing.*since \d\d:\d\d.*exit code 7/)
  await expect(probe).toContainText('platform')
  await expect(page.getByRole('list', { name: 'Did not run' })).toContainText('Train the model')
  await probe.getByRole('link', { name: 'Output' }).click()
  await expect(page.getByRole('log')).toContainText('connection refused')
  await page.goBack()
  await page.getByRole('link', { name: /^Failing jobs/ }).click()
  await expect(page).toHaveURL(/\/jobs\?health=failing$/)
  await expect(page.getByRole('row').filter({ hasText: 'Broken probe' })).toContainText('failing')
  await expect(page.getByRole('row').filter({ hasText: 'Heartbeat' })).toHaveCount(0)
})

test('the last runs are squares that say when, how long and why', async ({ visit }) => {
  const page = await visit('jobs?search=broken-probe')
  const squares = page.getByRole('link', { name: /last launch(es)? of Broken probe/ })
  await squares.locator('[data-state=failed]').last().hover()
  await expect(page.getByRole('tooltip')).toContainText(/failed · 20\d\d-.* · took .* · exit code 7/)
  await squares.locator('[data-state=failed]').last().click()
  await expect(page).toHaveURL(/\/launches\/broken-probe\./)
  await page
    .getByRole('link', { name: 'Broken probe' })
    .or(page.getByRole('link', { name: 'broken-probe' }))
    .first()
    .click()
  await expect(page.getByRole('link', { name: /last launch(es)? of Broken probe/ })).toBeVisible()
})

test('quick views have counts, and a view is saved under a name and found again', async ({ visit }) => {
  const page = await visit('jobs')
  const views = page.getByRole('navigation', { name: 'Views' })
  await views.getByRole('link', { name: /^Did not run [1-9]/ }).click()
  await expect(page).toHaveURL(/\/jobs\?health=did_not_run$/)
  await expect(page.getByRole('row').filter({ hasText: 'Train the model' })).toContainText('did not run')
  await page.goto(page.url().replace(/\?.*/, '?owner=data&tags.role=db:1'))
  await expect(page.getByText('Tag: role=db:1')).toBeVisible()
  await views.getByRole('button', { name: 'Save view' }).click()
  await page.getByRole('textbox', { name: 'Name of the view' }).fill('Data on db')
  await page.keyboard.press('Enter')
  await page.goto(page.url().replace(/\?.*/, ''))
  await views.getByRole('link', { name: 'Data on db' }).click()
  await expect(page).toHaveURL(/\/jobs\?owner=data&tags\.role=db:1$/)
  await views.getByRole('button', { name: 'Delete the view Data on db' }).click()
  await expect(views.getByRole('link', { name: 'Data on db' })).toHaveCount(0)
})

test('old links, and addresses of earlier versions, lead to the same', async ({ page, cluster }) => {
  for (const [old, ours] of [
    ['#/jobs/broken-probe/show', /\/ui\/jobs\/broken-probe$/],
    ['#/jobs/broken-probe/show/executions', /\/ui\/jobs\/broken-probe\?tab=launches$/],
    ['#/jobs/broken-probe', /\/ui\/jobs\/broken-probe\/edit$/],
    ['#/busy', /\/ui\/launches\?state=waiting,queued,running$/],
    ['#/jobs', /\/ui\/jobs$/],
    ['launches?state=%5B%22failed%22%2C%22lost%22%5D&period=day', /\/ui\/launches\?state=failed,lost&period=day$/],
  ] as const) {
    await page.goto('about:blank')
    await page.goto(`${cluster.url()}ui/${old}`)
    await expect(page).toHaveURL(ours)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  await page.evaluate(() => (globalThis.location.hash = '#/jobs/create')) // in a page that is open
  await expect(page).toHaveURL(/\/ui\/new$/)
})

const places: [string, (page: Page) => Promise<unknown>][] = [
  ['', p => p.getByRole('list', { name: 'Failing now' }).waitFor()],
  ['jobs', p => p.getByRole('link', { name: /last launch(es)? of Broken probe/ }).waitFor()],
  ['jobs/broken-probe', p => p.getByText('Statistics').waitFor()],
  ['launches', p => p.getByText('Recent failures').waitFor()],
]

for (const [path, ready] of places)
  test(`/${path} fits wide and narrow screens`, async ({ visit }) => {
    const page = await visit(path)
    await ready(page)
    await looksRight(page, path.replace('/', '-') || 'overview')
  })
