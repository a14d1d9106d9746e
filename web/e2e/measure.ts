import type { Page } from '@playwright/test'
import { expect, test } from './page.ts'

/** Figures, not tests: `npm --prefix web run measure` prints them. docs/PERFORMANCE.md has results and the machine. */
test.describe.configure({ timeout: 300_000 })

test('the first load', async ({ browser, cluster }) => {
  const times: number[] = []
  const bytes = { files: 0, headers: 0, answers: 0 }
  for (let i = 0; i < 7; i++) {
    const context = await browser.newContext() // an empty cache each time
    const page = await context.newPage()
    const network = await context.newCDPSession(page)
    await network.send('Network.enable')
    Object.assign(bytes, { files: 0, headers: 0, answers: 0 })
    const seen = new Map<string, { file: boolean; headers: number }>()
    network.on('Network.responseReceived', ({ requestId, response }) => {
      const file = new URL(response.url).pathname.startsWith('/ui/')
      seen.set(requestId, { file, headers: response.encodedDataLength })
    })
    network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const { file, headers } = seen.get(requestId)!
      bytes.headers += headers
      bytes[file ? 'files' : 'answers'] += encodedDataLength - headers
    })
    const start = performance.now()
    await page.goto(`${cluster.url()}ui/`, { waitUntil: 'commit' })
    await page.getByText(/servers? up to date/).waitFor() // the cluster's answer is shown and usable
    times.push(performance.now() - start)
    await context.close()
  }
  const [files, headers, answers] = Object.values(bytes).map(n => Math.round(n / 1024))
  const parts = `${files} KiB of files, which the build limits, ${headers} KiB of headers, ${answers} KiB of the API's answers`
  report('first load until the cluster is shown', times, parts)
})

test('switching pages at 20,000 jobs', async ({ page, cluster }) => {
  await cluster.jobs(...manyJobs(20_000))
  await page.goto(`${cluster.url()}ui/`)
  await page.getByText(/servers? up to date/).waitFor()
  const first: number[] = []
  const later: number[] = []
  for (let round = 0; round < 6; round++)
    for (const name of ['Jobs', 'Launches', 'Timeline', 'Notifications', 'Nodes', 'Settings', 'Overview'])
      (round ? later : first).push(await switchTo(page, name))
  report('opening a page for the first time, at 20,000 jobs', first)
  report('going back to a page, at 20,000 jobs', later)
})

/** Opens a page by the menu; returns the ms from the click until a frame has the page without a placeholder. */
const switchTo = (page: Page, name: string) =>
  page.evaluate(
    label =>
      new Promise<number>(resolve => {
        const start = performance.now()
        const look = () => {
          const there = document.querySelector('h1')?.textContent === label
          if (there && !document.querySelector('[aria-label^="Loading"]')) resolve(performance.now() - start)
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
        const links = [...document.querySelectorAll<HTMLElement>('nav[aria-label=Pages] a')]
        links.find(link => link.textContent === label)!.click()
      }),
    name,
  )

const manyJobs = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: `job-${i}`,
    owner: `team-${i % 50}`,
    schedule: '@daily',
    executor: 'shell',
    executor_config: { command: 'true' },
  }))

test('a list of 100,000 jobs', async ({ page, cluster }) => {
  await cluster.jobs(...manyJobs(100_000))
  await page.goto(`${cluster.url()}ui/jobs`)
  await expect(page.getByText('100,000 jobs')).toBeVisible()
  const turn: number[] = []
  for (let i = 0; i < 10; i++) {
    const first = await page.getByRole('row').nth(1).innerText()
    const start = performance.now()
    await page.getByRole('button', { name: 'Next page' }).click()
    await expect(page.getByRole('row').nth(1)).not.toHaveText(first)
    turn.push(performance.now() - start)
  }
  report('turning a page of 50 of 100,000 jobs', turn)
  const search: number[] = []
  for (const words of ['job-999', 'team-7', 'job-5 team-1', 'job-77777']) {
    const start = performance.now()
    await page.getByRole('searchbox').fill(words)
    await expect(page).toHaveURL(new RegExp(`search=${words.slice(0, 4)}`))
    await expect(page.getByText('100,000 jobs')).toBeHidden()
    search.push(performance.now() - start)
    await page.getByRole('searchbox').fill('')
    await expect(page.getByText('100,000 jobs')).toBeVisible()
  }
  report('searching 100,000 jobs, with the pause after typing', search)
})

test('14 MB of live output', async ({ page, cluster }) => {
  await cluster.jobs({
    name: 'long-output',
    schedule: '@manually',
    tags: { server: 'true:1' },
    executor: 'shell',
    executor_config: {
      shell: 'true',
      command: 'for i in $(seq 150); do head -c 75000 /dev/urandom | base64 -w 100; sleep 0.1; done',
    },
  })
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/long-output/run')
  await page.goto(`${cluster.url()}ui/launches/${launch_id}`)
  await page.getByRole('log').waitFor()
  await countFrames(page)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('success', { timeout: 60_000 })
  report('frames while 14 MB come in', await framesSince(page))
  await page.getByRole('log').hover()
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, -3000)
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
  report('frames while scrolling through them', await framesSince(page))
  await page.getByLabel('Find in the output').fill('abc')
  await expect(page.getByLabel('Matches')).toHaveText(/[1-9]/)
  report('frames while searching them', await framesSince(page))
})

declare global {
  interface Window {
    drawn: number[]
  }
}

const countFrames = (page: Page) =>
  page.evaluate(() => {
    window.drawn = []
    let last = performance.now()
    const frame = (now: number) => {
      window.drawn.push(now - last)
      last = now
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })

const framesSince = (page: Page) => page.evaluate(() => window.drawn.splice(0))

function report(what: string, ms: number[], more = '') {
  const sorted = ms.toSorted((a, b) => a - b)
  const at = (share: number) =>
    `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(0)} ms`
  console.log(`${what}: median ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)}, of ${ms.length} ${more}`)
}
