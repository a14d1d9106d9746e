import { Page } from '@/ui/Page'

export function Timeline() {
  return <Page title="Timeline">…</Page>
}
