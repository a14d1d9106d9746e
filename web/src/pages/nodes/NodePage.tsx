import { Page } from '@/ui/Page'

export function NodePage() {
  return <Page title="Node">…</Page>
}
