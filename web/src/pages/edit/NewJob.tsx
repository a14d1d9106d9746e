import { Page } from '@/ui/Page'

export function NewJob() {
  return <Page title="New job">…</Page>
}
