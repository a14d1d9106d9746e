import { Page } from '@/ui/Page'

export function JobPage() {
  return <Page title="Job">…</Page>
}
