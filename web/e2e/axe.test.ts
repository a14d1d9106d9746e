import { fleet, settle } from './fleet.ts'
import { serious } from './looks.ts'
import { expect, test } from './page.ts'

test.use({ plan: { nodes: fleet } })

const pages = ['', 'jobs', 'jobs/db-backup', 'jobs/report?tab=graph', 'jobs/report?tab=versions', 'jobs/report?tab=launches', 'jobs/report?tab=definition', 'jobs/db-backup/edit', 'new', 'launches', 'timeline', 'nodes', 'nodes/db-1', 'settings', 'no/such/page'] // prettier-ignore

test.beforeAll(async ({ cluster }) => settle(cluster))

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme })
    const only = scheme === 'dark' ? ['color-contrast'] : undefined // the rest is as in light

    for (const path of pages) {
      test(`axe finds nothing serious on /${path}`, async ({ visit }) => {
        const page = await visit(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('load')
        await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
        expect(await serious(page, undefined, only)).toEqual([])
      })
    }

    test('axe finds nothing serious on a launch', async ({ cluster, visit }) => {
      const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/cert-check/run?wait')
      const page = await visit(`launches/${launch_id}`)
      await expect(page.getByText(/^42 certificates/)).toBeVisible()
      expect(await serious(page, undefined, only)).toEqual([])
    })
  })
}
