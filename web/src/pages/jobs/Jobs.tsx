import { Page } from '@/ui/Page'

export function Jobs() {
  return <Page title="Jobs">…</Page>
}
