import { Page } from '@/ui/Page'

export function LaunchPage() {
  return <Page title="Launch">…</Page>
}
