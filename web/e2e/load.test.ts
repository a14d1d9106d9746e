import { readFileSync } from 'node:fs'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

const shell = (command: string) => ({ executor: 'shell', executor_config: { shell: 'true', command } })
const one = { server: 'true:1' }

interface Launch {
  id: string
  state: string
  executions: { id: string; node_name: string; attempt: number }[]
}

test('a log is followed without scrolling; its lines are linked and it is downloaded', async ({ cluster, visit }) => {
  await cluster.jobs({
    name: 'chatty',
    schedule: '@manually',
    tags: one,
    // More than is kept: numbers after the gap count from there.
    ...shell(
      'for i in $(seq 1 9000); do printf "\\033[32mline %06d\\033[0m of many, long enough to fill what is kept\\n" $i; done; sleep 2; echo end',
    ),
  })
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/chatty/run')
  const page = await visit(`launches/${launch_id}`)
  await page.setViewportSize({ width: 1440, height: 900 })
  const log = page.getByRole('log')
  await expect(log).toContainText('end')
  expect(await bottomOf(log)).toBeLessThanOrEqual(900)
  await until('it has ended', async () => (await cluster.get<Launch>(`v1/launches/${launch_id}`)).state === 'success')

  // A line near the start, by its number; then a range.
  await page.goto(`${page.url().split('#')[0]}#L120-L122`)
  await page.reload()
  await expect(log.getByText('line 000120')).toBeInViewport()
  await expect(page.getByLabel('Marked lines')).toHaveText('Lines 120–122')
  await log.locator('a[data-number="125"]').click()
  await expect(page).toHaveURL(/show=.*#L125$/)
  await log.locator('a[data-number="127"]').click({ modifiers: ['Shift'] })
  await expect(page).toHaveURL(/#L125-L127$/)
  await looksRight(page, 'launch-mark')

  // After the gap.
  await page.getByRole('button', { name: 'Go to end' }).click()
  await expect(log).toContainText('end')
  const last = log.locator('a[data-number^="+"]').last()
  await last.click()
  await expect(page).toHaveURL(/#B\d+$/)
  await page.reload()
  await expect(log.locator('[data-marked]')).toContainText('end')

  await page.getByRole('button', { name: 'Output actions' }).click()
  const coming = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Download', exact: true }).click()
  const file = await coming
  expect(file.suggestedFilename()).toMatch(/^chatty-\d+-s\d-1\.log$/)
  const text = readFileSync((await file.path())!, 'utf8')
  expect(text).toContain('line 009000 of many')
  expect(text).not.toContain('\u001b')
})

test('retries are in the row of their target, and stay on the screen of a phone', async ({ cluster, visit }) => {
  await cluster.jobs({
    name: 'wanderer',
    schedule: '@manually',
    tags: one,
    retries: 2,
    retry_on: 'other-node',
    retry_backoff: { initial: '100ms' },
    ...shell('exit 3'),
  })
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/wanderer/run')
  await until('it has failed', async () => (await cluster.get<Launch>(`v1/launches/${launch_id}`)).state === 'failed')
  const page = await visit(`launches/${launch_id}`)
  await expect(page.getByText('1 target, 3 executions')).toBeVisible()
  await expect(page.getByText(/CPU \d/).first()).toBeVisible()
  for (const width of [390, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 })
    // All at once: between two readings the page may move.
    const cards = await page
      .locator('article')
      .evaluateAll(all => all.map(card => card.getBoundingClientRect().toJSON() as DOMRect))
    for (const card of cards) {
      expect(card.x).toBeGreaterThanOrEqual(0)
      expect(card.right).toBeLessThanOrEqual(width)
    }
    const tops = cards.map(card => card.y)
    expect(tops).toEqual(tops.toSorted((a, b) => a - b))
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  }
  await looksRight(page, 'launch-retries')
})

test('the nodes page shows how busy each node is', async ({ cluster, visit }) => {
  interface Node {
    load: { cpu_percent: number | null; memory_total: number | null } | null
  }
  await until('all nodes have reported', async () =>
    (await cluster.get<Node[]>('v1/nodes')).every(n => n.load?.memory_total),
  )
  const page = await visit('nodes')
  const row = page.getByRole('row', { name: /s2/ })
  await expect(row).toContainText(/\d+ %/)
  await expect(row).toContainText(/ of \d+ GiB|MiB/)
  await looksRight(page, 'nodes')
})

const bottomOf = async (what: import('@playwright/test').Locator) => {
  const box = (await what.boundingBox())!
  return box.y + box.height
}
