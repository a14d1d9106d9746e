import type { Cluster } from './cluster.ts'
import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

/** What a launch's page says of its end: the cause, and no failure where a person or a newer launch stopped it. */

test.describe.configure({ timeout: 180_000 }) // axe, on a busy machine

const shell = (command: string, more: object = {}) => ({
  schedule: '@manually',
  tags: { server: 'true:1' },
  executor: 'shell',
  executor_config: { shell: 'true', command, ...more },
})

const run = async (cluster: Cluster, job: string) =>
  (await cluster.send<{ launch_id: string }>('POST', `v1/jobs/${job}/run`)).launch_id

const state = (cluster: Cluster, id: string, wanted: string) =>
  until(
    `${id} is ${wanted}`,
    async () => (await cluster.get<{ state: string }>(`v1/launches/${id}`)).state === wanted,
    60_000,
  )

test('the cause heads a launch’s page, not the symptom', async ({ cluster, visit }) => {
  await cluster.jobs(
    {
      name: 'hungry',
      ...shell('exec head -c 300000000 /dev/zero | tail -c 299999999 | sleep 60', { mem_limit: '20MB' }),
    },
    { name: 'refused', ...shell('echo connecting; echo "connection refused" >&2; exit 7') },
  )
  for (const [job, cause] of [
    ['hungry', /^killed: over its memory limit of 20 MB on s\d$/],
    ['refused', /^exit code 7 on s\d: connection refused$/],
  ] as const) {
    const id = await run(cluster, job)
    await state(cluster, id, 'failed')
    const page = await visit(`launches/${id}`)
    await expect(page.getByText(cause)).toBeVisible()
    await expect(page.getByText('0 of 1 succeeded, 1 failed')).toBeVisible()
  }
})

test('what was stopped did not fail, in lists and on its page', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'halted', ...shell('sleep 600') })
  const id = await run(cluster, 'halted')
  await state(cluster, id, 'running')
  await cluster.send('POST', `v1/launches/${id}/stop?reason=wrong+day`)
  await state(cluster, id, 'stopped')
  const page = await visit(`launches/${id}`)
  await expect(page.getByText(/stopped on request of .*: wrong day/).first()).toBeVisible()
  await expect(page.getByText('0 of 1 succeeded, 1 stopped')).toBeVisible()
  for (const list of ['launches?job=halted', 'jobs/halted?tab=launches']) {
    await page.goto(`${cluster.url()}ui/${list}`)
    const row = page.getByRole('row').filter({ hasText: 'wrong day' })
    await expect(row).toContainText('1 stopped')
    await expect(row).not.toContainText('failed')
  }
})

test('what was stopped or replaced counts neither as a failure nor in the rate', async ({ cluster, visit }) => {
  await cluster.jobs(
    { name: 'halted-twice', ...shell('sleep 600') },
    { name: 'overtaken', concurrency: 'replace', ...shell('sleep 600') },
  )
  for (const job of ['halted-twice', 'overtaken']) {
    const first = await run(cluster, job)
    await state(cluster, first, 'running')
    const second = await run(cluster, job)
    if (job === 'halted-twice') await state(cluster, second, 'running')
    else await state(cluster, first, 'stopped')
    await cluster.send('POST', `v1/jobs/${job}/stop`)
    for (const id of [first, second]) await state(cluster, id, 'stopped')
  }
  const page = await visit('jobs?search=halted-twice')
  for (const job of ['halted-twice', 'overtaken']) {
    await page.goto(`${cluster.url()}ui/jobs?search=${job}`)
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: job, exact: true }) })
    await expect(row).toContainText('stopped')
    await expect(row).not.toContainText(/fail|%/)
    await page.goto(`${cluster.url()}ui/jobs/${job}`)
    await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0, { timeout: 30_000 }) // a busy machine
    await expect(page.getByText('2 kept runs, all stopped')).toBeVisible()
    await expect(page.getByText('0 succeeded, 0 failed, 2 stopped')).toBeVisible()
  }
  expect(await cluster.get<object[]>('v1/jobs?health=failing&q=halted-twice')).toEqual([])
})

test('a queued launch says what is ahead of it, and that it waits', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'lined-up', ...shell('sleep 600'), concurrency: 'queue' })
  const ids = []
  for (let i = 0; i < 4; i++) ids.push(await run(cluster, 'lined-up'))
  const page = await visit(`launches/${ids[3]}`)
  await expect(page.getByText('Waiting for', { exact: true })).toBeVisible()
  await expect(page.getByText('Running for')).toHaveCount(0)
  const ahead = page.getByRole('alert').filter({ hasText: 'Waiting for its turn' })
  await expect(ahead).toContainText(/Ahead of it: a running launch \(due .*\) and 2 queued launches\./)
  await looksRight(page, 'launch-queued')
  await ahead.getByRole('link', { name: 'a running launch' }).click()
  await expect(page).toHaveURL(new RegExp(`${ids[0]}`))
  await cluster.send('POST', 'v1/jobs/lined-up/stop')
})
