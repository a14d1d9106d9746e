import { company, companyNodes } from './fleet.ts'
import { test } from './page.ts'

/**
 * Keeps a filled cluster open, to look at the page: `npm --prefix web run fleet` after `make build`. Ctrl+C ends it.
 */
test.use({ plan: { nodes: companyNodes } })

test('a filled cluster is open', async ({ cluster }) => {
  test.setTimeout(0)
  console.log(`filling a cluster of ${companyNodes.length} nodes; it takes about two minutes`)
  console.log(`the page is at ${cluster.url()}ui/ already`)
  await company(cluster)
  console.log('filled')
  await new Promise(() => {})
})
