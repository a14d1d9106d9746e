import { expect, test, until } from './page.ts'

test.use({ allowed: /Failed to load resource|ERR_/ })

test('the page continues when the leader is killed, without a reload', async ({ page, cluster }) => {
  const leader = await until('a server leads', () => cluster.leader())
  const other = cluster.servers().find(name => name !== leader)!
  await page.goto(`${cluster.url(other)}ui/`)
  const tile = page.getByRole('link', { name: /^Leader/ })
  await expect(tile).toContainText(leader)
  await page.evaluate(() => Object.assign(window, { loadedOnce: true }))

  await cluster.kill(leader)
  const next = await until('another server leads', () => cluster.leader())
  expect(next).not.toBe(leader)
  await expect(tile).toContainText(next, { timeout: 30_000 })
  const lost = tile.getByText(`${leader} unreachable`)
  await expect(lost).toHaveAttribute('data-tone', 'bad')
  // The new leader is well: only what is lost is red.
  await expect(tile.getByText(next, { exact: true })).not.toHaveAttribute('data-tone')
  await expect(page.getByText('live', { exact: true })).toBeVisible()

  await cluster.restart(leader)
  await expect(tile).toContainText('3 servers up to date', { timeout: 30_000 })
  expect(await page.evaluate(() => 'loadedOnce' in window)).toBe(true)
})

test('a banner says that the server does not answer, and the page continues when it is back', async ({
  page,
  cluster,
}) => {
  await page.goto(`${cluster.url('s2')}ui/nodes`)
  await expect(page.getByText('live', { exact: true })).toBeVisible()
  await cluster.kill('s2')
  await expect(page.getByText('This server does not answer')).toBeVisible()
  await cluster.restart('s2')
  await expect(page.getByText('This server does not answer')).toBeHidden({ timeout: 30_000 })
  await expect(page.getByText('live', { exact: true })).toBeVisible()
})
