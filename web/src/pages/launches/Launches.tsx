import { Page } from '@/ui/Page'

export function Launches() {
  return <Page title="Launches">…</Page>
}
