import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { looksRight } from './looks.ts'
import { expect, test } from './page.ts'

/** What becomes of outputs: where a processor fails, the page says so and its form mends it. */

test.describe.configure({ timeout: 180_000 }) // axe, on a busy machine
test.use({ plan: { nodes: [{ name: 's1', server: true }] }, allowed: /status of 40[04]/ })

const shell = { schedule: '@manually', executor: 'shell', executor_config: { command: 'echo copied 12 files' } }

const processor = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Output processors' })
    .getByRole('listitem')
    .filter({ has: page.getByText(name, { exact: true }) })

test('a processor that fails is seen on the job’s page, mended in its form, and delivers', async ({
  cluster,
  visit,
}) => {
  const [wrong, right] = [join(cluster.directory, 'a-file'), join(cluster.directory, 'outputs')]
  writeFileSync(wrong, 'no directory')
  await cluster.jobs({
    name: 'copy',
    ...shell,
    processors: { log: { order: '10' }, files: { log_dir: join(wrong, 'jobs'), forward: 'true' } },
  })
  await cluster.send('POST', 'v1/jobs/copy/run')
  const page = await visit('jobs/copy')
  const files = processor(page, 'files')
  await expect(files).toContainText('failing')
  await expect(files).toContainText('not a directory')
  await expect(files).toContainText('0 delivered · 1 pending')
  await expect(files).toContainText('on the leader')
  await expect(processor(page, 'log')).toContainText('1 delivered')
  const order = page.getByRole('list', { name: 'Output processors' }).getByRole('listitem')
  await expect(order.first()).toContainText('files') // its order is lower
  await looksRight(page, 'processor-failing')

  await page.getByRole('link', { name: 'Edit processors' }).click()
  const form = page.getByRole('group', { name: 'files' })
  await expect(form.getByText(/^Writes each output to a file/)).toBeVisible()
  await expect(form.getByRole('switch', { name: 'Keep the output' })).toBeChecked()
  await form.getByLabel('Directory').fill(right)
  await form.getByLabel('Maximum number of files').fill('many')
  await expect(form.getByText('This is no whole number.')).toBeVisible()
  await looksRight(page, 'processor-form')
  await form.getByLabel('Maximum number of files').fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  await expect(page).toHaveURL(/\/ui\/jobs\/copy$/)
  await expect(files).toContainText('1 delivered')
  await expect(files).not.toContainText('failing')
  expect(readdirSync(right)).toHaveLength(1)
  await looksRight(page, 'processor-delivered')
})

test('processors are added and removed in the form, also one that it does not know', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'plain', ...shell, processors: { log: {} } })
  const page = await visit('jobs/plain/edit')
  await page.getByRole('button', { name: 'Remove log' }).click()
  const add = page.getByLabel('Add a processor')
  await add.selectOption('files')
  await page.getByRole('group', { name: 'files' }).getByLabel('Directory').fill('/tmp/jobs')
  await add.selectOption({ label: 'Another …' })
  await page.getByLabel('Name of the processor').fill('ship')
  const ship = page.getByRole('group', { name: 'ship' })
  await ship.getByRole('button', { name: 'Add a key' }).click()
  await ship.getByLabel('Key 1 of a key').fill('to')
  await ship.getByLabel('Value of to').fill('port')
  await expect(ship.getByText(/not a processor that servers of this version have/)).toBeVisible()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Save anyway' }).click()
  await expect(page).toHaveURL(/\/ui\/jobs\/plain$/)
  const { processors } = await cluster.get<{ processors: object }>('v1/jobs/plain')
  expect(processors).toEqual({ files: { log_dir: '/tmp/jobs' }, ship: { to: 'port' } })
})
