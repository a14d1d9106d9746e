import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './page.ts'

test('the root redirects to the page, which names its server and is live', async ({ page, cluster, visit }) => {
  await visit()
  await page.goto(cluster.url())
  await expect(page).toHaveURL(`${cluster.url()}ui/`)
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByText('s1')).toBeVisible()
})

test('every page of the menu opens by its link and by its keys', async ({ visit }) => {
  const page = await visit()
  for (const [key, name] of [
    ['j', 'Jobs'],
    ['l', 'Launches'],
    ['t', 'Timeline'],
    ['a', 'Notifications'],
    ['n', 'Nodes'],
    ['s', 'Settings'],
    ['o', 'Overview'],
  ] as const) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await page.getByRole('link', { name: 'dkron', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  }
})

test('the palette finds a job and opens it', async ({ cluster, visit }) => {
  await cluster.jobs({
    name: 'nightly-report',
    schedule: '@daily',
    executor: 'shell',
    executor_config: { command: 'true' },
  })
  const page = await visit()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Find a job or a page' }).fill('nightly')
  await page.getByRole('button', { name: 'nightly-report Every day at 00:00' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'nightly-report' })).toBeVisible()
})

test('shortcuts are listed, and the chosen theme is kept', async ({ visit }) => {
  const page = await visit()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toContainText('New job')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  const html = page.locator('html')
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.keyboard.press('d')
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.reload()
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.keyboard.press('d')
})

test('an unknown address says so', async ({ visit }) => {
  const page = await visit('no/such/page')
  await expect(page.getByText('No page at this address')).toBeVisible()
  await page.getByRole('link', { name: 'Go to overview' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
})

test('it works behind a proxy with a path prefix', async ({ page, cluster }) => {
  await cluster.jobs({ name: 'behind', schedule: '@daily', executor: 'shell', executor_config: { command: 'true' } })
  const proxy = await stripping('/tools/cron', cluster.url())
  const { port } = proxy.address() as AddressInfo
  const at = `http://127.0.0.1:${port}/tools/cron`
  try {
    await page.goto(`${at}/ui/jobs/behind`)
    await expect(page.getByRole('heading', { level: 1, name: 'behind' })).toBeVisible()
    await expect(page.getByText('live', { exact: true })).toBeVisible()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Jobs' }).click()
    await expect(page).toHaveURL(`${at}/ui/jobs`)
    await page.goto(`${at}/`)
    await expect(page).toHaveURL(`${at}/ui/`)
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click()
    await expect(page.getByText(`${at}/v1/jobs`).first()).toBeVisible()
  } finally {
    await page.close()
    proxy.closeAllConnections()
    proxy.close()
  }
})

/** A proxy that strips a prefix, as many do. */
async function stripping(prefix: string, target: string): Promise<Server> {
  const proxy = createServer((from, to) => {
    if (!from.url?.startsWith(`${prefix}/`)) return to.writeHead(404).end()
    const url = new URL(from.url.slice(prefix.length), target)
    const onward = request(url, { method: from.method, headers: from.headers }, answer => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    to.on('close', () => onward.destroy())
    from.pipe(onward)
    return onward
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return proxy
}
