import { mkdirSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { Cluster } from './cluster.ts'
import { company, companyNodes } from './fleet.ts'
import { notified } from './notified.ts'
import { expect, test } from './page.ts'
import { Receiver } from './receiver.ts'

/**
 * Pictures of the page of a company's cluster on a bad night, in both themes and three widths, to be looked at one by one:
 * `npm --prefix web run pictures` after `make build`; they go to e2e/out/pictures. ONLY has the names of some of them.
 */
const out = 'e2e/out/pictures'
const looks = [
  { width: 1440, height: 900, scheme: 'light' },
  { width: 390, height: 844, scheme: 'dark' },
  { width: 1920, height: 1080, scheme: 'dark' },
  { width: 390, height: 844, scheme: 'light' },
  { width: 1440, height: 900, scheme: 'dark' },
  { width: 1920, height: 1080, scheme: 'light' },
] as const
// LOOKS=2 is the first two, LOOKS=2-6 those after them.
const [from, to] = (process.env.LOOKS ?? String(looks.length)).split('-').map(Number)
const some = to === undefined ? looks.slice(0, from) : looks.slice(from, to)
const tallest = 2200 // of a picture, in px

const plugins = ['hello', 'ship']
const nodes = companyNodes.map(node => Object.assign({}, node, node.name === 'batch-1' ? { plugins } : {}))
test.use({ plan: { nodes }, trace: 'off' })
// 80 views in 6 looks, a few seconds each; more on a busy machine.
test.describe.configure({ mode: 'serial', timeout: 5_400_000 })

interface View {
  name: string
  path: string | ((cluster: Cluster) => Promise<string>)
  /** What is done before the picture is taken. */
  first?: (page: Page) => Promise<unknown>
  /** Only what the window shows. */
  window?: true
}

const launchOf = (job: string) => async (cluster: Cluster) => {
  const [last] = await cluster.get<{ id: string }[]>(`v1/jobs/${job}/launches`)
  return `launches/${last!.id}`
}

const click = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click()

const fill = async (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text)

const imported = `- name: load
  schedule: every night
  retrys: 3
  executor: shell
- name: log-rotation
  schedule: "0 0 5 * * *"
  executor: shell
  executor_config: {command: "echo rotated"}
`

const importing = (text: string) => async (page: Page) => {
  await click('Import and export')(page)
  await page.getByRole('menuitem', { name: 'Import jobs' }).click()
  const dialog = page.getByRole('dialog', { name: 'Import jobs' })
  await dialog.getByLabel('Or paste it').fill(text)
  await dialog.getByRole('button', { name: 'Check' }).click()
  await page.waitForTimeout(700)
}

const empties: View[] = ['', 'jobs', 'launches', 'timeline'].map(path => ({
  name: `empty-${path || 'overview'}`,
  path,
}))

const views: View[] = [
  { name: 'overview', path: '' },
  { name: 'jobs', path: 'jobs' },
  { name: 'jobs-chips', path: 'jobs?owner=commerce&executor=shell&tags.role=batch:1&search=health&metadata.team=commerce' },
  { name: 'jobs-none', path: 'jobs?search=nothing+like+this' },
  {
    name: 'jobs-bulk',
    path: 'jobs?health=failing',
    first: async page => {
      const ticks = page.getByRole('checkbox', { name: /^Select / })
      for (const i of [0, 1, 2]) await ticks.nth(i).check({ force: true })
    },
    window: true,
  },
  { name: 'import-problems', path: 'jobs', first: importing(imported), window: true },
  { name: 'import-good', path: 'jobs', first: importing(imported.replace('every night', '"@daily"').replace('  retrys: 3\n', '')), window: true },
  { name: 'job-failing', path: 'jobs/health-checkout' },
  { name: 'job-chained', path: 'jobs/report' },
  { name: 'job-nowhere', path: 'jobs/gpu-training' },
  { name: 'job-odd', path: 'jobs/odd_characters' },
  { name: 'job-long', path: `jobs/with-a-name-that-${'goes-on-and-'.repeat(8)}on` },
  { name: 'job-processors', path: 'jobs/ship-report' },
  { name: 'job-launches', path: 'jobs/health-checkout?tab=launches' },
  { name: 'job-graph', path: 'jobs/report?tab=graph' },
  { name: 'job-versions', path: 'jobs/report?tab=versions' },
  { name: 'job-definition', path: 'jobs/db-backup?tab=definition' },
  { name: 'edit', path: 'jobs/db-backup/edit' },
  { name: 'edit-processors', path: 'jobs/ship-report/edit' },
  {
    name: 'new-errors',
    path: 'new',
    first: async page => {
      await fill(page, 'Name', 'Wrong name')
      await fill(page, 'Schedule', 'every now and then')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.waitForTimeout(900)
    },
  },
  { name: 'run-with', path: 'jobs/migrate-orders', first: async page => {
      await click('More actions')(page)
      await page.getByRole('menuitem', { name: 'Run with…' }).click()
    }, window: true },
  { name: 'launch-live', path: async cluster => {
      const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/rollout/run')
      return `launches/${launch_id}`
    }, first: page => page.getByText(/step \d\d/).first().waitFor() },
  { name: 'launch-failed', path: launchOf('broken-probe') },
  { name: 'launch-everywhere', path: launchOf('everywhere') },
  { name: 'launch-chatty', path: launchOf('chatty-import') },
  { name: 'launch-lost', path: launchOf('warm-up-rack-12') },
  { name: 'launches', path: 'launches' },
  { name: 'launches-failed', path: 'launches?state=failed,timed_out,lost&period=day' },
  { name: 'launches-bulk', path: 'launches?job=broken-probe&state=failed&period=hour', first: click('Run again…'), window: true },
  { name: 'timeline', path: 'timeline' },
  { name: 'timeline-day', path: 'timeline?span=86400' },
  { name: 'timeline-week-by-node', path: 'timeline?span=604800&by=node' },
  { name: 'timeline-by-node', path: 'timeline?by=node' },
  { name: 'timeline-table', path: 'timeline?table=true' },
  { name: 'nodes', path: 'nodes' },
  { name: 'node-plugins', path: 'nodes/batch-1' },
  { name: 'node-dead', path: 'nodes/web-3' },
  { name: 'settings', path: 'settings' },
  { name: 'toast', path: 'jobs/migrate-orders', first: async page => {
      await page.getByRole('button', { name: /^Run/ }).first().click()
      await page.waitForTimeout(500)
    }, window: true },
  { name: 'palette', path: '', first: async page => {
      await page.keyboard.press('Control+k')
      await page.getByRole('textbox', { name: 'Find a job or a page' }).fill('health')
    }, window: true },
  { name: 'help', path: 'jobs', first: page => page.keyboard.press('?'), window: true },
  { name: 'jobs-late', path: 'jobs?health=late' },
  { name: 'jobs-bulk-asks', path: 'jobs?health=failing', first: async page => {
      for (const i of [0, 1, 2]) await page.getByRole('checkbox', { name: /^Select / }).nth(i).check({ force: true })
      await page.getByRole('region', { name: 'Selected jobs' }).getByRole('button', { name: 'Disable' }).click()
    }, window: true },
  { name: 'job-menu', path: 'jobs/report', first: click('More actions'), window: true },
  { name: 'job-delete', path: 'jobs/report', first: async page => {
      await click('More actions')(page)
      await page.getByRole('menuitem', { name: 'Delete' }).click()
    }, window: true },
  { name: 'job-revert', path: 'jobs/report?tab=versions', first: async page => {
      await page.getByText('Revision 1').first().click()
      await click(/^Revert/)(page)
    }, window: true },
  { name: 'edit-yaml', path: 'jobs/db-backup/edit', first: page => page.getByText('YAML', { exact: true }).click() },
  { name: 'launch-queued', path: launchOf('search-index') },
  { name: 'launch-stopped', path: launchOf('cache-rebuild') },
  { name: 'launch-timed-out', path: launchOf('crm-sync') },
  { name: 'launch-nowhere', path: launchOf('gpu-training') },
  { name: 'launches-group', path: 'launches?group=job' },
  { name: 'launches-stop', path: 'launches?state=queued', first: click('Stop…'), window: true },
  { name: 'timeline-hour', path: 'timeline?span=3600' },
  { name: 'node-long', path: 'nodes/batch-with-a-long-name.eu-central-1.internal' },
  { name: 'toast-live', path: 'jobs/cache-rebuild', first: async page => {
      await page.getByRole('button', { name: 'Run now' }).click()
      await page.getByRole('log').getByText('rebuilding').waitFor()
      await page.getByRole('button', { name: 'Stop', exact: true }).first().click()
      await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
      await page.getByRole('alert').filter({ hasText: 'Stopping' }).waitFor()
    }, window: true },
  { name: 'job-objectives', path: 'jobs/slow-export' },
  { name: 'alerts', path: 'notifications' },
  { name: 'bell', path: 'jobs', first: click(/not acknowledged/), window: true },
  { name: 'messages', path: 'notifications?tab=messages' },
  { name: 'channels', path: 'notifications?tab=channels' },
  { name: 'channel', path: 'notifications?tab=channels&edit=data-team' },
  { name: 'rules', path: 'notifications?tab=rules' },
  { name: 'rule', path: 'notifications?tab=rules&edit=runs-long' },
  { name: 'silences', path: 'notifications?tab=silences' },
  { name: 'silence', path: 'notifications?tab=silences&create=true&job=db-backup' },
  { name: 'no-page', path: 'no/such/page' },
  { name: 'no-job', path: 'jobs/none' },
] // prettier-ignore

/** While job changes are frozen. */
const frozen: View[] = [
  { name: 'frozen-overview', path: '' },
  { name: 'frozen-settings', path: 'settings' },
  { name: 'frozen-new', path: 'new', first: async page => {
      await fill(page, 'Name', 'late')
      await fill(page, 'Schedule', '@daily')
      await page.getByRole('textbox', { name: 'Command' }).fill('true')
      await page.waitForTimeout(900)
    } },
  { name: 'frozen-toast', path: 'jobs/report?tab=versions', first: async page => {
      await page.getByText('Revision 1').first().click()
      await click(/^Revert/)(page)
      await page.getByRole('dialog').getByRole('button', { name: /^Revert/ }).click()
      await page.getByRole('alert').filter({ hasText: 'frozen' }).nth(1).waitFor()
    }, window: true },
] // prettier-ignore

async function take(page: Page, cluster: Cluster, list: View[]) {
  const only = process.env.ONLY?.split(',')
  mkdirSync(out, { recursive: true })
  const wrong: string[] = []
  for (const { name, path, first, window } of list) {
    if (only && !only.includes(name)) continue
    const address = typeof path === 'string' ? path : await path(cluster)
    for (const { width, height, scheme } of some) {
      const picture = `${name}-${width}-${scheme}`
      try {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width, height })
        await page.goto('about:blank')
        await page.goto(`${cluster.url()}ui/${address}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await first?.(page)
        await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
        await page.waitForTimeout(250)
      } catch (error) {
        wrong.push(`${picture}: ${String(error).slice(0, 200)}`)
      }
      const high = window ? height : Math.min(tallest, await page.evaluate(() => document.body.scrollHeight))
      await page.screenshot({
        path: `${out}/${picture}.png`,
        fullPage: !window,
        clip: { x: 0, y: 0, width, height: Math.max(high, height) },
      })
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (sideways > 0) wrong.push(`${picture} scrolls sideways by ${sideways} px`)
    }
  }
  expect(wrong).toEqual([])
}

test('an empty cluster', async ({ page, cluster }) => {
  await take(page, cluster, empties)
})

test('a company', async ({ page, cluster }) => {
  await company(cluster)
  const ship = { schedule: '@every 20s', tags: { role: 'batch:1' }, executor: 'shell', executor_config: { command: 'echo shipped 12 parcels' } }
  await cluster.jobs({
    name: 'ship-report',
    ...ship,
    owner: 'data',
    processors: { files: { log_dir: '/dev/null/jobs', forward: 'true' }, log: { order: '10' } },
  })
  await cluster.send('POST', 'v1/jobs/ship-report/run')
  const receiver = await Receiver.start()
  await notified(cluster, receiver.url)
  const job = await cluster.get<object>('v1/jobs/report')
  await cluster.send('PUT', 'v1/jobs/report', { ...job, retries: 1 })
  await take(page, cluster, views)
  await cluster.send('POST', 'v1/pause')
  await take(page, cluster, frozen)
  receiver.stop()
}) // prettier-ignore

test('a cluster that asks for tokens', async ({ page }) => {
  const cluster = await Cluster.start([{ name: 'dk1', server: true, acl: true }])
  const wrong = async (form: Page) => {
    await form.getByLabel('Token').fill('dkron_wrong')
    await form.getByRole('button', { name: 'Sign in' }).click()
    await form.getByRole('alert').waitFor()
  }
  try {
    await take(page, cluster, [
      { name: 'sign-in', path: 'jobs' },
      { name: 'sign-in-wrong', path: 'jobs', first: wrong },
    ])
  } finally {
    await cluster.stop()
  }
})
