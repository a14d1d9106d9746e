import { expect, test } from './page.ts'

// The browser logs refusals of an incomplete definition, and the 404 of a free name.
test.use({ allowed: /status of 40[04]/ })

interface Job {
  executor: string
  executor_config: Record<string, string>
}

test('each executor has the form that it describes', async ({ cluster, visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('call')
  await page.getByLabel('Schedule', { exact: true }).fill('@daily')
  await page.getByRole('textbox', { name: 'Command' }).fill('true')
  await page.getByLabel('Executor', { exact: true }).selectOption('http')
  await expect(page.getByRole('textbox', { name: 'Command' })).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Method' }).click()
  await page.getByRole('option', { name: 'POST' }).click()
  await page.getByRole('textbox', { name: 'URL' }).fill('http://127.0.0.1:1/hook')
  await page.getByRole('textbox', { name: 'Headers' }).fill('Content-Type: text/plain\nX-A: b')
  await page.getByText('More settings').click()
  await page.getByRole('switch', { name: 'Follow redirects' }).uncheck({ force: true })
  await page.getByRole('button', { name: 'Save', exact: true }).click()

  await expect(page).toHaveURL(/\/ui\/jobs\/call$/)
  const stored = await cluster.get<Job>('v1/jobs/call')
  expect(stored.executor).toBe('http')
  expect(stored.executor_config).toEqual({
    method: 'POST',
    url: 'http://127.0.0.1:1/hook',
    headers: '["Content-Type: text/plain","X-A: b"]',
    followRedirects: 'false',
  })
  await expect(page.getByText(/the redirect itself is judged/)).toBeVisible()
})

test('an unknown executor is edited as keys and values', async ({ cluster, visit }) => {
  const page = await visit('new')
  await page.getByLabel('Name', { exact: true }).fill('mine')
  await page.getByLabel('Schedule', { exact: true }).fill('@daily')
  await page.getByLabel('Executor', { exact: true }).selectOption({ label: 'Another …' })
  await page.getByLabel('Name of the executor').fill('mine')
  await page.getByRole('button', { name: 'Add a key' }).click()
  await page.getByLabel('Key 1 of a key').fill('topic')
  await page.getByLabel('Value of topic').fill('orders')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Save anyway' }).click() // no node says that it has this executor
  await expect(page).toHaveURL(/\/ui\/jobs\/mine$/)
  expect(await cluster.get<Job>('v1/jobs/mine')).toMatchObject({
    executor: 'mine',
    executor_config: { topic: 'orders' },
  })
})
