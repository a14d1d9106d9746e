import { fleet, settle } from './fleet.ts'
import { test as base } from './page.ts'

export { expect, until } from './page.ts'

/**
 * Tests with the fleet, which has some history. The files that import this share one cluster, so that it is filled once: their
 * stories leave its jobs as they are.
 */
export const test = base.extend<object, object>({
  plan: [{ nodes: fleet }, { scope: 'worker' }],
  cluster: [
    async ({ cluster }, use) => {
      await settle(cluster)
      await use(cluster)
    },
    { scope: 'worker', timeout: 240_000 },
  ],
})
