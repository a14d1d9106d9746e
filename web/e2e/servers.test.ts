import { looksRight } from './looks.ts'
import { expect, test, until } from './page.ts'

test.use({ allowed: /Failed to load resource|ERR_/ })

test('a page whose server is lost links to the same page of the other servers', async ({ page, cluster }) => {
  test.setTimeout(120_000)
  await page.goto(`${cluster.url('s2')}ui/nodes`)
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  // The list of servers has arrived.
  await until('all servers are known', async () => {
    const { servers } = await cluster.get<{ servers: { http_address: string }[] }>('v1/cluster', 's2')
    return servers.every(s => s.http_address)
  })
  await expect(page.getByText('s3').first()).toBeVisible()
  await page.waitForFunction(
    () => (JSON.parse(localStorage.getItem('dkron.servers') ?? '[]') as unknown[]).length === 2,
  )

  await cluster.kill('s2')
  const banner = page.getByRole('alert').filter({ hasText: 'This server does not answer' })
  await expect(banner).toBeVisible({ timeout: 30_000 })
  await looksRight(page, 'lost-server')
  for (const name of ['s1', 's3']) {
    const link = banner.getByRole('link', { name, exact: true })
    await expect(link).toHaveAttribute('href', `${cluster.url(name)}ui/nodes`)
    const other = await page.context().newPage()
    await other.goto((await link.getAttribute('href'))!)
    await expect(other.getByRole('heading', { name: 'Nodes', level: 1 })).toBeVisible()
    await expect(other.getByText('live', { exact: true })).toBeVisible()
    await other.close()
  }

  // A page that was not loaded before offers them too.
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Timeline' }).click()
  await expect(page.getByRole('heading', { name: 'Waiting for the server' })).toBeVisible()
  await expect(page.getByRole('main').getByRole('link', { name: 's1' }).first()).toHaveAttribute(
    'href',
    `${cluster.url('s1')}ui/timeline`,
  )

  await cluster.restart('s2')
  await expect(page.getByRole('heading', { name: 'Timeline', level: 1 })).toBeVisible({ timeout: 60_000 })
  await expect(banner).toBeHidden({ timeout: 30_000 })
})
