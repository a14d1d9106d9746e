import { serious } from './looks.ts'
import { expect, test } from './page.ts'

test.use({
  plan: { nodes: [{ name: 's1', server: true, acl: true, openID: 'ops' }] },
  allowed: /status of 40[13]/, // what the browser logs of a refusal
})

test('a person signs in with the provider, does what the groups allow, and leaves', async ({ visit, cluster }) => {
  await cluster.jobs({
    name: 'hello',
    schedule: '@manually',
    executor: 'shell',
    executor_config: { command: 'echo hello' },
  })
  const page = await visit('jobs/hello')
  const link = page.getByRole('link', { name: 'Sign in with Example Corp' })
  await expect(link).toBeVisible()
  await expect(page.getByLabel('Token')).toBeVisible() // still there
  expect(await serious(page)).toEqual([])
  await link.click()

  await expect(page.getByRole('heading', { name: 'hello' })).toBeVisible() // where one was
  expect(new URL(page.url()).pathname).toBe('/ui/jobs/hello')
  await expect(page.getByRole('status').filter({ hasText: 'live' })).toBeVisible()
  const cookies = await page.context().cookies()
  expect(
    cookies.filter(c => c.name.startsWith('dkron')).map(c => [c.name.slice(0, 13), c.httpOnly, c.sameSite]),
  ).toEqual([['dkron_session', true, 'Strict']])
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByText('Launched hello')).toBeVisible()
  await page.goto(`${cluster.url()}ui/new`)
  await expect(page.getByText('You lack the right write')).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: 'Account of test-user2' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(link).toBeVisible()
})
