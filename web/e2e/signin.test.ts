import type { Page } from '@playwright/test'
import { serious } from './looks.ts'
import { expect, test, until } from './page.ts'

// What the browser logs of a refusal is no error here: it is what the page is about.
test.use({
  plan: { nodes: [{ name: 's1', server: true, acl: true }] },
  allowed: /status of 40[13]/,
})

const hello = {
  name: 'hello',
  schedule: '@manually',
  executor: 'shell',
  executor_config: { command: 'echo hello' },
}

async function signIn(page: Page, secret: string) {
  await page.getByLabel('Token').fill(secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function signOut(page: Page, name: string) {
  await page.getByRole('button', { name: `Account of ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in to dkron' })).toBeVisible()
}

test('a viewer looks, an admin runs, and both leave', async ({ visit, cluster }) => {
  await cluster.jobs(hello)
  const viewer = await cluster.token('tokens', { name: 'vera', policies: ['viewer'] })
  const admin = await cluster.token('tokens', { name: 'ada', policies: ['admin'] })

  const page = await visit('jobs/hello')
  await expect(page.getByRole('heading', { name: 'Sign in to dkron' })).toBeVisible()
  await expect(page.getByText('dkron acl token create')).toBeVisible()
  expect((await page.getByText('--policy=viewer', { exact: true }).boundingBox())!.height).toBeLessThan(30) // on one line
  expect(await serious(page)).toEqual([])
  await signIn(page, 'dkron_wrong')
  await expect(page.getByRole('alert')).toContainText('No token has this secret')
  await signIn(page, viewer.secret)

  await expect(page.getByRole('heading', { name: 'hello' })).toBeVisible() // where one was
  await expect(page.getByRole('status').filter({ hasText: 'live' })).toBeVisible() // the stream of events, too
  await page.getByRole('button', { name: 'More actions' }).click()
  await expect(page.getByRole('menuitem', { name: 'Export JSON' })).toBeVisible()
  for (const name of ['Run with…', 'Delete', 'Duplicate', 'Clear history'])
    await expect(page.getByRole('menuitem', { name })).toHaveCount(0)
  await page.keyboard.press('Escape')
  for (const name of ['Run now', 'Disable']) await expect(page.getByRole('button', { name })).toHaveCount(0)
  for (const name of ['Edit', 'New job']) await expect(page.getByRole('link', { name, exact: true })).toHaveCount(0)
  await page.goto(`${cluster.url()}ui/new`)
  await expect(page.getByText('Your token lacks the right write')).toBeVisible()
  const cookies = await page.context().cookies()
  expect(cookies.map(c => [c.name.slice(0, 13), c.httpOnly, c.sameSite])).toEqual([['dkron_session', true, 'Strict']])
  await signOut(page, 'vera')
  expect(await page.context().cookies()).toEqual([])
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Sign in to dkron' })).toBeVisible()

  await page.goto(`${cluster.url()}ui/jobs/hello`)
  await signIn(page, admin.secret)
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(page.getByText('Launched hello')).toBeVisible()
  const [run] = await until('it has run', async () => {
    const launches = await cluster.get<{ requested_by?: string; state: string }[]>('v1/jobs/hello/launches')
    return launches.some(l => l.state === 'success') ? launches : undefined
  })
  expect(run).toMatchObject({ state: 'success', requested_by: 'ada' })
  await signOut(page, 'ada')
})

test('a token that is deleted ends the page of its owner, and nothing typed is lost', async ({ visit, cluster }) => {
  await cluster.jobs(hello)
  const token = await cluster.token('tokens', { name: 'eve', policies: ['editor'] })
  const page = await visit('jobs/hello/edit')
  await signIn(page, token.secret)
  await page.getByLabel('Display name').fill('Typed by eve')
  await cluster.send('DELETE', `v1/acl/tokens/${token.accessor}`)
  await expect(page.getByRole('heading', { name: 'Sign in again' })).toBeVisible() // by the end of its stream
  await expect(page.locator('[inert]').getByLabel('Display name')).toHaveValue('Typed by eve') // below, where nobody reaches it
  const other = await cluster.token('tokens', { name: 'team', policies: ['viewer'] })
  await signIn(page, other.secret)
  await expect(page.getByText('Your token lacks the right write')).toBeVisible() // another person, another page
  await signOut(page, 'team')

  const again = await cluster.token('tokens', { name: 'eve', policies: ['editor'] })
  await page.goto(`${cluster.url()}ui/jobs/hello/edit`)
  await signIn(page, again.secret)
  await page.getByLabel('Display name').fill('Typed by eve')
  await page.context().clearCookies()
  await expect(page.getByRole('heading', { name: 'Sign in again' })).toBeVisible({ timeout: 30_000 }) // by the next request
  await signIn(page, again.secret)
  await expect(page.getByLabel('Display name')).toHaveValue('Typed by eve')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Typed by eve' })).toBeVisible()
})

test('what one may not see is explained', async ({ visit, cluster }) => {
  await cluster.jobs(hello)
  await cluster.send('POST', 'v1/acl/policies/team', { rules: [{ prefix: 'team-', verbs: ['run'] }] })
  const token = await cluster.token('tokens', { name: 'tim', policies: ['team'] })
  const page = await visit('jobs/hello')
  await signIn(page, token.secret)
  const alert = page.getByRole('alert').filter({ hasText: 'Can’t load the job hello' })
  await expect(alert).toContainText('token "tim" may not read job "hello"')
  await expect(alert).toContainText('Ask whoever manages the tokens')
})
