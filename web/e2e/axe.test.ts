import type { Page } from '@playwright/test'
import { serious } from './looks.ts'
import { expect, test, until } from './onfleet.ts'

const pages = ['', 'jobs', 'jobs/db-backup', 'jobs/report?tab=graph', 'jobs/report?tab=versions', 'jobs/report?tab=launches', 'jobs/report?tab=definition', 'jobs/db-backup/edit', 'new', 'launches', 'timeline', 'notifications', 'notifications?tab=messages', 'notifications?tab=channels&create=true', 'notifications?tab=silences&create=true', 'nodes', 'nodes/db-1', 'settings', 'settings/secrets', 'settings/audit', 'settings/secrets?create=true', 'no/such/page'] // prettier-ignore

test.describe.configure({ timeout: 120_000 }) // two looks of axe, on a busy machine

/** Checks a page in both themes. The dark one changes nothing but colours. */
async function nothingSerious(page: Page) {
  expect(await serious(page), 'light').toEqual([])
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  expect(await serious(page, undefined, ['color-contrast']), 'dark').toEqual([])
}

for (const path of pages)
  test(`axe finds nothing serious on /${path}`, async ({ visit }) => {
    const page = await visit(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('load')
    await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
    await nothingSerious(page)
  })

test('axe finds nothing serious on a launch', async ({ cluster, visit }) => {
  const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/cert-check/run?wait')
  const page = await visit(`launches/${launch_id}`)
  await expect(page.getByText(/^42 certificates/)).toBeVisible()
  await nothingSerious(page)
})

test('axe finds nothing serious on a launch that found no node', async ({ cluster, visit }) => {
  const [last] = await until(
    'one found none',
    async () => {
      const none = await cluster.get<{ id: string }[]>('v1/launches?state=no_target&_end=1')
      return none.length > 0 ? none : undefined
    },
    60_000,
  )
  const page = await visit(`launches/${last!.id}`)
  await expect(page.getByText(/^No live node matched/)).toBeVisible()
  await nothingSerious(page)
})
