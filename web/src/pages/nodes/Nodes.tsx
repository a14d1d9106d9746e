import { Page } from '@/ui/Page'

export function Nodes() {
  return <Page title="Nodes">…</Page>
}
