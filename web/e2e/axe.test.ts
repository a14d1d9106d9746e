import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from '@playwright/test'
import { fleet, settle } from './fleet.ts'
import { expect, test } from './page.ts'

test.use({ plan: { nodes: fleet } })

const axe = readFileSync(fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8')

const pages = ['', 'jobs', 'jobs/db-backup', 'jobs/report?tab=graph', 'jobs/report?tab=versions', 'jobs/report?tab=launches', 'jobs/report?tab=definition', 'jobs/db-backup/edit', 'new', 'launches', 'timeline', 'nodes', 'nodes/db-1', 'settings', 'no/such/page'] // prettier-ignore

test.beforeAll(async ({ cluster }) => settle(cluster))

for (const scheme of ['light', 'dark'] as const) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme })

    for (const path of pages) {
      test(`axe finds nothing serious on /${path}`, async ({ visit }) => {
        const page = await visit(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('load')
        await expect(page.locator('[aria-label^="Loading"]')).toHaveCount(0)
        expect(await serious(page)).toEqual([])
      })
    }

    test('axe finds nothing serious on a launch', async ({ cluster, visit }) => {
      const { launch_id } = await cluster.send<{ launch_id: string }>('POST', 'v1/jobs/cert-check/run?wait')
      const page = await visit(`launches/${launch_id}`)
      await expect(page.getByText('42 certificates')).toBeVisible()
      expect(await serious(page)).toEqual([])
    })
  })
}

/** The serious accessibility violations of a page, in words. */
async function serious(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  )
  return violations
    .filter(v => v.impact === 'serious' || v.impact === 'critical')
    .flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)} (${n.failureSummary?.split('\n').at(1)?.trim()})`))
}
