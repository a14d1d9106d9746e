import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rollout } from './fleet.ts'
import { expect, test, until } from './page.ts'

interface Launch {
  state: string
  stopped_by?: string
}

const shell = (command: string) => ({ executor: 'shell', executor_config: { shell: 'true', command } })
const one = { server: 'true:1' }

test('a job is run, its live output followed, and run again', async ({ cluster, visit }) => {
  const go = join(cluster.directory, 'go')
  await cluster.jobs({
    name: 'short',
    schedule: '@manually',
    tags: one,
    ...shell(`echo line 1; until [ -e '${go}' ]; do sleep 0.1; done; echo "<b>end</b>"`),
  })
  const page = await visit('jobs/short')
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page).toHaveURL(/\/ui\/launches\/short\.\d+/)
  const output = page.getByRole('log')
  await expect(output).toContainText('line 1')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('running')
  writeFileSync(go, '')
  await expect(output).toContainText('<b>end</b>') // as text, never as HTML
  await expect(page.getByRole('heading', { level: 1 })).toContainText('success')
  const first = page.url()
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page).not.toHaveURL(first)
  await expect(page.getByRole('log')).toContainText('line 1')
})

test('a launch is stopped on all nodes', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'long', schedule: '@manually', ...shell(rollout.replace('${STEPS:-40}', '600')) })
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/long/run')
  const page = await visit(`launches/${launch_id}`)
  await expect(page.getByRole('log')).toContainText('step 03')
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('wrong release')
  await dialog.getByRole('button', { name: /Stop/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('stopped')
  const launch = await cluster.get<Launch>(`v1/launches/${launch_id}`)
  expect(launch.state).toBe('stopped')
})

test('output can be searched, and continues when the leader is killed', async ({ cluster, page }) => {
  // The page is served by a server that stays up, which also runs the job.
  const leader = await until('a server leads', () => cluster.leader())
  const other = cluster.servers().find(name => name !== leader)!
  await cluster.jobs({
    name: 'steady',
    schedule: '@manually',
    tags: { at: other },
    ...shell('for i in $(seq 1 400); do echo tick $i; sleep 0.1; done'),
  })
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/steady/run')
  await page.goto(`${cluster.url(other)}ui/launches/${launch_id}`)
  await expect(page.getByRole('log')).toContainText('tick 5')
  await page.getByLabel('Find in the output').fill('tick 3')
  await expect(page.getByLabel('Matches')).toHaveText(/[1-9]/)
  await cluster.kill(leader)
  const seen = await page.getByRole('log').innerText()
  await expect(page.getByRole('log')).not.toHaveText(seen, { timeout: 30_000 })
  await expect(page.getByRole('heading', { level: 1 })).toContainText('running')
  await cluster.restart(leader)
})
