import { expect, test } from './onfleet.ts'

test('the overview shows the state of the fleet, and links to details', async ({ visit }) => {
  const page = await visit()
  await expect(page.getByRole('link', { name: /^Leader/ })).toContainText('3 servers up to date')
  await expect(page.getByRole('link', { name: /^Agents/ })).toContainText('3')
  await expect(page.getByRole('img', { name: 'Ended executions over time' })).toBeVisible()
  await page.getByRole('link', { name: 'All failures' }).click()
  await expect(page).toHaveURL(/launches\?state=failed,timed_out,lost&period=day$/)
  await expect(page.getByRole('link', { name: 'Recent failures' })).toHaveAttribute('aria-current', 'page')
  await expect(page.getByRole('link', { name: 'Broken probe' }).first()).toBeVisible()
})

test('the timeline shows idle nodes, and its data as a table', async ({ visit }) => {
  const page = await visit('timeline')
  await expect(page.getByText('Heartbeat').first()).toBeVisible()
  await page.getByText('By node').click()
  await expect(page).toHaveURL(/by=node/)
  await expect(page.getByText('web-1').first()).toBeVisible()
  await page.getByRole('switch', { name: 'Table' }).click({ force: true })
  await expect(page.getByRole('table').first().getByText('Queue depth').first()).toBeVisible()
})

test('the next 24 hours are a map of minutes', async ({ visit }) => {
  const page = await visit('timeline')
  const cell = page.getByRole('gridcell').first()
  await expect(cell).toBeVisible()
  await expect(page.getByText(/busiest/i).first()).toBeVisible()
})

test('a node shows what it has run', async ({ visit }) => {
  const page = await visit('nodes')
  await page.getByRole('link', { name: 'db-1' }).click()
  await expect(page.getByText('role=db')).toBeVisible()
  await expect(page.getByRole('table', { name: 'Executions on this node' })).toContainText('Queue depth')
})

test('the graph of a job links to related jobs', async ({ visit }) => {
  const page = await visit('jobs/report?tab=graph')
  await expect(page.getByText('7 linked jobs')).toBeVisible()
  await page.getByText('Extract orders').first().click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Extract orders')
})

test('a job’s page says why it does not run', async ({ visit }) => {
  const page = await visit('jobs/gpu-training')
  await expect(page.getByText(/role=gpu/).first()).toBeVisible()
  await expect(page.getByText(/no live node/i).first()).toBeVisible()
})
