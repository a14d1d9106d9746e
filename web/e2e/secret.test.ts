import { expect, test, until } from './page.ts'

test.use({ plan: { nodes: [{ name: 's1', server: true, secrets: true }] } })

test('a secret is set, a job uses it, and it is deleted', async ({ visit, cluster }) => {
  const page = await visit('settings')
  await page.getByRole('link', { name: 'Manage secrets' }).click()
  await expect(page.getByText('No secrets yet')).toBeVisible()
  await page.getByRole('link', { name: 'New secret' }).first().click()
  await page.getByLabel('Name').fill('token')
  await page.getByLabel('Value').fill('correct-horse-battery')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved the secret token')).toBeVisible()
  await expect(page.getByText('Not used')).toBeVisible()

  await cluster.jobs({
    name: 'uses',
    schedule: '@manually',
    executor: 'shell',
    executor_config: { shell: 'true', command: 'echo it is $TOKEN', env: 'TOKEN=${secret:token}' },
  })
  await page.goto(`${cluster.url()}ui/settings/secrets`)
  await expect(page.getByText('Used by uses')).toBeVisible()
  await page.getByRole('link', { name: 'uses' }).click()
  await page.getByRole('button', { name: 'Run now' }).click()
  const [run] = await until('it has run', async () => {
    const list = await cluster.get<{ output: string; success: boolean; outcome?: string }[]>('v1/jobs/uses/executions')
    return list[0]?.outcome && list
  })
  expect(run).toMatchObject({ success: true, output: 'it is ***\n' })
  expect(await page.content()).not.toContain('correct-horse')

  await page.goto(`${cluster.url()}ui/settings/secrets`)
  await page.getByRole('button', { name: 'Delete token' }).click()
  await page.getByRole('button', { name: 'Delete anyway' }).click()
  await expect(page.getByText('Deleted the secret token')).toBeVisible()
  await expect(page.getByText('No secrets yet')).toBeVisible()
})
