import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

test.describe.configure({ timeout: 300_000 }) // axe, on a busy machine

const shell = (command: string) => ({ schedule: '@manually', tags: { server: 'true:1' }, executor: 'shell', executor_config: { shell: 'true', command } }) // prettier-ignore

test('a job is run with another environment and payload, and again', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'report', ...shell('echo "region $REGION got $(cat)"; [ "$REGION" != eu ]') })
  const page = await visit('jobs/report')
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Run with…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run report with…' })
  await dialog.getByLabel('Name 1').fill('REGION')
  await dialog.getByLabel('Value 1').fill('eu')
  await dialog.getByRole('button', { name: 'Add a variable' }).click()
  await dialog.getByLabel('Name 2').fill('A_VARIABLE_WITH_A_LONG_NAME_THAT_NEEDS_ROOM')
  await dialog.getByLabel('Value 2').fill('https://example.com/a/long/value/'.repeat(4))
  await dialog.getByLabel('Replace: standard input').check()
  await dialog.getByLabel('Standard input', { exact: true }).fill('hello\nworld')
  await looksRight(page, 'run-with', '[role=dialog]')
  await dialog.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByRole('log')).toContainText('region eu got hello')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('failed')
  const first = page.url()
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect(page).not.toHaveURL(first)
  await expect(page.getByRole('log')).toContainText('region eu got hello')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('failed')
  await expect(page.getByText('Runs again')).toBeVisible()
  await looksRight(page, 'launch', 'a[href*="/launches/report."]')
  await page.getByRole('link', { name: /^the launch of/ }).click()
  await expect(page).toHaveURL(first)
  await expect(page.getByText('Run again as')).toBeVisible()

  await page.goto(`${cluster.url()}ui/jobs/report`)
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Run with…' }).click()
  await expect(dialog.getByText('Filled in from the last such launch.')).toBeVisible()
  await expect(dialog.locator('input[value="REGION"]')).toBeVisible()
})

test('all that failed is run again, and all that waits is stopped, after a count', async ({ cluster, visit }) => {
  await cluster.jobs({ name: 'broken', ...shell('exit 3') })
  await cluster.jobs({ name: 'line', ...shell('sleep 600'), concurrency: 'queue' })
  for (let i = 0; i < 3; i++) await cluster.send('POST', 'v1/jobs/broken/run?wait')
  for (let i = 0; i < 4; i++) await cluster.send('POST', 'v1/jobs/line/run')
  const page = await visit('launches?job=broken&state=failed&period=hour')
  await page.getByRole('button', { name: 'Run again…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Run 3 launches again?' })
  await expect(dialog).toContainText('3 launches of 1 job (failed)')
  await looksRight(page, 'bulk-again', '[role=dialog]')
  await dialog.getByRole('button', { name: 'Run 3 launches again' }).click()
  await expect(page).toHaveURL(/rerun=\d+/)
  await expect(page.getByRole('status').filter({ hasText: 'Ran again' })).toContainText('3 of 3 launches')
  await until('each has run again', async () => {
    const list = await cluster.get<{ rerun?: number; state: string }[]>('v1/launches?job=broken')
    return list.filter(launch => launch.rerun && launch.state === 'failed').length === 3
  })
  await looksRight(page, 'rerun', '[role=status]')

  await page.goto(`${cluster.url()}ui/launches?state=queued`)
  await page.getByRole('button', { name: 'Stop…' }).click()
  const stop = page.getByRole('dialog', { name: 'Stop 3 launches?' })
  await looksRight(page, 'bulk-stop', '[role=dialog]')
  await stop.getByLabel('Reason').fill('wrong file')
  await stop.getByRole('button', { name: 'Stop' }).click()
  await expect(page.getByText('No launches match these filters')).toBeVisible()
  await cluster.send('POST', 'v1/jobs/line/stop')
})
