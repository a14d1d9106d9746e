import { renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

const nodes = [
  { name: 's1', server: true, plugins: ['hello', 'plain'] },
  { name: 'worker', server: false, tags: { role: 'work' }, plugins: ['hello', 'elsewhere'] },
]

// Whether a job of the name exists is asked while it is typed; what is wrong with a draft is answered with 400.
test.use({ plan: { nodes }, allowed: /status of 40[04]/ })

interface Executor {
  name: string
  schema?: object
}

test("a form is drawn from a plugin's own description, and its own check refuses what can never succeed", async ({
  cluster,
  visit,
}) => {
  await until('the plugins are known', async () => {
    const all = await cluster.get<Executor[]>('v1/executors')
    return ['hello', 'elsewhere'].every(name => all.some(e => e.name === name && e.schema))
  })
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('greet')
  await page.getByLabel('Schedule', { exact: true }).fill('@daily')
  await page.getByLabel('Executor', { exact: true }).selectOption('hello')
  const what = page.locator('section').filter({ has: page.getByRole('heading', { name: 'What' }) })
  await expect(what.getByText('Greets somebody.')).toBeVisible()
  await expect(what.getByText('Who is greeted.')).toBeVisible()
  await what.getByRole('textbox', { name: 'Name' }).fill('the world')
  await what.getByRole('textbox', { name: 'Pause' }).fill('1m30x')
  await expect(what.getByText('Use a duration such as 90s, 5m or 1h30m.')).toBeVisible() // as it says that it is one
  await what.getByRole('textbox', { name: 'Pause' }).fill('1ms')
  await expect(what.getByText('Use a duration')).toHaveCount(0)
  await looksRight(page, 'plugin-form')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await until('it is stored', async () => {
    const job = await cluster.get<{ executor_config: object }>('v1/jobs/greet')
    return JSON.stringify(job.executor_config) === '{"name":"the world","pause":"1ms"}'
  })

  const wrong = { name: 'wrong', schedule: '@manually', executor: 'hello' }
  await expect(
    cluster.send('POST', 'v1/jobs', { ...wrong, executor_config: { name: 'x', pause: '1m30x' } }),
  ).rejects.toThrow(/400 .*"1m30x.* is not a duration, such as 1m30s/)

  // One that only an agent has is described by that agent.
  const other = await visit('new')
  await other.getByLabel('Executor', { exact: true }).selectOption('elsewhere')
  await expect(other.getByText('Who is greeted.')).toBeVisible()
})

test('a failed plugin is seen and restarted', async ({ cluster, visit }) => {
  const file = cluster.plugin('worker', 'hello')
  const good = join(dirname(file), 'good') // no plugin by its name
  renameSync(file, good)
  writeFileSync(file, '#!/bin/sh\necho no license found >&2\nexit 7\n', { mode: 0o755 })
  await cluster.jobs({
    name: 'at-work',
    schedule: '@manually',
    tags: { role: 'work' },
    executor: 'hello',
    executor_config: { name: 'you' },
  })
  await cluster.send('POST', 'v1/jobs/at-work/run')
  await until('it has failed', async () => {
    const { plugins } = await cluster.get<{ plugins: { name: string; state: string }[] }>('v1/plugins?node=worker')
    return plugins.some(p => p.name === 'hello' && p.state === 'failed')
  })

  const page = await visit('')
  await page.getByRole('list', { name: 'Plugins that failed' }).getByRole('link', { name: 'hello on worker' }).click()
  const row = page.getByRole('table', { name: 'Plugins of this node' }).getByRole('row', { name: /hello/ })
  await expect(row).toContainText('Failed')
  await expect(row).toContainText('exit status 7')
  await looksRight(page, 'plugin-failed')

  renameSync(good, file)
  await row.getByRole('button', { name: 'Restart hello' }).click()
  await expect(row).toContainText('Running')
  await expect(row).toContainText('1.0.0')
  await looksRight(page, 'plugin-running')
  await cluster.send('POST', 'v1/jobs/at-work/run')
  await until('it greets', async () => {
    const all = await cluster.get<{ output: string }[]>('v1/jobs/at-work/executions')
    return all.some(e => e.output === 'Hello, you!\n')
  })
})
