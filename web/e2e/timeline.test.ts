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
  // On a busy machine the first answers take longer than what a page that is there already may take.
  await expect(row(page, 'Backup of the night')).toContainText('1 due', { timeout: 60_000 })
  await expect(page.getByText(/not listed/)).toHaveCount(0)
  await looksRight(page, 'timeline-day')

  // The filter is applied by the server, before anything is summed up.
  await page.getByRole('textbox', { name: 'Find jobs' }).fill('night')
  await expect(row(page, 'beat')).toHaveCount(0)
  await expect(row(page, 'Backup of the night')).toContainText('1 due')

  await page.goto(page.url().replace(/\?.*/, '?span=86400&table=true&search=beat'))
  const band = page
    .getByRole('row')
    .filter({ hasText: /due every 1 s/ })
    .first()
  await expect(band).toBeVisible({ timeout: 60_000 }) // the page is loaded anew
  await cluster.send('DELETE', 'v1/jobs/beat') // the other stories need no run per second
})

interface Written {
  text: string
  x: number
  to: number
  /** The time of now is bolder than the labels. */
  now: boolean
}

test('no label of the axis is under the time of now', async ({ page, cluster }) => {
  // The chart is a canvas: what it writes is noted.
  await page.addInitScript(() => {
    const written: Written[] = []
    Object.assign(globalThis, { written })
    const write = CanvasRenderingContext2D.prototype.fillText
    CanvasRenderingContext2D.prototype.fillText = function (text: string, x: number, y: number) {
      if (/^\d\d:\d\d(:\d\d)?$/.test(text))
        written.push({ text, x, to: x + this.measureText(text).width, now: this.font.includes('600') })
      write.call(this, text, x, y)
    }
  })
  const under: string[] = []
  for (const minutes of [4, 7, 15, 30, 60, 180, 360, 720, 1440]) {
    await page.goto(`${cluster.url()}ui/timeline?span=${minutes * 60}`)
    const axis = await until('the axis is written', async () => {
      const all = await page.evaluate(() => (globalThis as unknown as { written: Written[] }).written)
      const whole = all.slice(0, all.findLastIndex(w => w.now) + 1) // now is written last
      return whole.length > 3 ? whole.slice(whole.slice(0, -1).findLastIndex(w => w.now) + 1) : undefined
    })
    const now = axis.pop()!
    expect(axis.length).toBeGreaterThan(2)
    under.push(...axis.filter(w => w.to > now.x && w.x < now.to).map(w => `${w.text} under ${now.text}`))
  }
  expect(under).toEqual([])
})

test('by node everything is shown, however much ran there, for a day and for a week', async ({
  cluster,
  page,
  visit,
}) => {
  const many = Array.from({ length: 20 }, (_, i) => job(`swarm-${String(i).padStart(2, '0')}`, '@manually'))
  await cluster.jobs(...many, job('swarm-bad', '@manually', { executor_config: { command: 'false' } }))
  await cluster.send('POST', 'v1/jobs/swarm-bad/run') // ends first: what is cut off is the oldest
  const ran = async (search: string) => {
    const found = await cluster.get<{ success_count: number; error_count: number }[]>(`v1/jobs?q=${search}&_end=100`)
    return found.reduce((sum, one) => sum + one.success_count + one.error_count, 0)
  }
  await until('it has failed', async () => (await ran('swarm-bad')) === 1)
  for (let round = 0; round < 15; round++)
    await Promise.all(many.map(({ name }) => cluster.send('POST', `v1/jobs/${name}/run`)))
  await until('all have run', async () => (await ran('swarm')) === 301, 60_000)

  // What is more than the page asks for at once is summed up by the server. The page asks for less here, so that hundreds of
  // runs do what 50,000 would. It needs no list, which would be as long as there are runs.
  const asked: string[] = []
  page.on('request', request => asked.push(new URL(request.url()).pathname))
  await page.route('**/v1/executions/nodes?*', route => {
    const url = new URL(route.request().url())
    url.searchParams.set('limit', '100')
    return route.continue({ url: url.href })
  })
  for (const span of ['86400', '604800']) {
    await visit(`timeline?by=node&span=${span}&search=swarm`)
    const node = page.getByRole('list', { name: 'Nodes' }).getByRole('listitem').filter({ hasText: 'dk1' })
    await expect(node).toContainText('301 runs')
    await expect(node).toContainText('1 failed')
    await expect(page.getByText(/not loaded|not shown/)).toHaveCount(0)
    await expect(page.getByRole('radio', { name: span === '86400' ? '24 h' : '7 d' })).toBeChecked()
    if (span === '604800') await looksRight(page, 'timeline-by-node')
  }
  expect(asked.filter(path => path.endsWith('/v1/executions'))).toEqual([])
})

test('24 hours are 24 hours with 20,000 jobs', async ({ cluster, visit }) => {
  // None is due while the story looks at them: hundreds that start together would keep the machine busy.
  const first = new Date().getUTCMinutes() + 20
  const many = Array.from({ length: 20_000 }, (_, i) =>
    job(`many-${String(i).padStart(5, '0')}`, `0 ${(first + (i % 30)) % 60} ${i % 3 ? i % 24 : '*'} * * *`, {
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
