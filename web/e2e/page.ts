import { test as base, expect, type Page } from '@playwright/test'
import { Cluster, threeServers, type NodePlan } from './cluster.ts'

export { expect } from '@playwright/test'
export { until } from './cluster.ts'

interface Options {
  /** The nodes of the cluster that a file's tests share. */
  plan: { nodes: NodePlan[] } // an array would be taken for a fixture with options
}

/** What the browser logs while servers elect a leader. */
const passing = /status of 50[34]/

/**
 * Tests of the page with a real cluster. A test also fails if the browser reported an error, a violation of the content
 * security policy, or a request to another host. `allowed` matches the errors that a test provokes.
 */
export const test = base.extend<
  { visit: (path?: string) => Promise<Page>; allowed: RegExp },
  Options & { cluster: Cluster }
>({
  plan: [{ nodes: threeServers }, { scope: 'worker', option: true }],
  cluster: [
    async ({ plan }, use) => {
      const cluster = await Cluster.start(plan.nodes)
      await use(cluster)
      await cluster.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  allowed: [/^$/, { option: true }],
  visit: async ({ page, cluster, allowed }, use) => {
    const wrong = watch(page)
    await use(async (path = '') => {
      await page.goto(`${cluster.url()}ui/${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 30_000 }) // on a busy machine
      return page
    })
    expect(wrong.filter(text => !allowed.test(text) && !passing.test(text))).toEqual([])
  },
})

function watch(page: Page): string[] {
  const wrong: string[] = []
  page.on('console', message => {
    if (message.type() === 'error') wrong.push(message.text())
  })
  page.on('pageerror', error => wrong.push(error.message))
  page.on('request', request => {
    const host = new URL(request.url()).hostname
    if (host && host !== '127.0.0.1') wrong.push(`asked another host: ${request.url()}`)
  })
  return wrong
}
