import { Page } from '@/ui/Page'

export function EditJob() {
  return <Page title="Edit">…</Page>
}
