import { expect, test } from './page.ts'

// What the browser logs of a refusal is no error here: it is what the page is about.
test.use({ plan: { nodes: [{ name: 's1', server: true, acl: true }] }, allowed: /status of 40[13]/ })

test('a change with a token and a refused attempt are in the audit', async ({ visit, cluster }) => {
  const job = { name: 'hello', schedule: '@manually', executor: 'shell', executor_config: { command: 'echo hello' } }
  await cluster.jobs(job)
  const viewer = await cluster.token('tokens', { name: 'vera', policies: ['viewer'] })
  const manager = await cluster.token('tokens', { name: 'mia', type: 'management' })
  const as = (secret: string) => ({ Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' })
  const changed = await fetch(`${cluster.url()}v1/jobs`, {
    method: 'POST',
    headers: as(manager.secret),
    body: JSON.stringify({ ...job, retries: 3 }),
  })
  expect(changed.status).toBe(201)
  const refused = await fetch(`${cluster.url()}v1/jobs/hello`, { method: 'DELETE', headers: as(viewer.secret) })
  expect(refused.status).toBe(403)

  const page = await visit('settings')
  await page.getByLabel('Token').fill(manager.secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Open audit' }).click()
  const entries = page.getByRole('list', { name: 'Audit' }).getByRole('listitem')
  await expect(entries.filter({ hasText: 'Signed in' })).toContainText('by mia')
  const change = entries.filter({ hasText: 'Changed job hello' })
  await expect(change).toContainText('by mia')
  await change.getByRole('button', { name: /Show details/ }).click()
  await expect(change).toContainText('retries: 3')
  const attempt = entries.filter({ hasText: 'Refused DELETE /v1/jobs/{job}' })
  await expect(attempt).toContainText('by vera')

  await page.getByRole('switch', { name: 'Only refused' }).click()
  await expect(change).toHaveCount(0)
  await expect(attempt).toBeVisible()
})
