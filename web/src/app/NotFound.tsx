import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import { Page } from '@/ui/Page'

export function NotFound() {
  return (
    <Page title="Page not found">
      <Empty icon="question" title="No page at this address" action={<LinkButton to="/">Go to overview</LinkButton>}>
        The link may be out of date.
      </Empty>
    </Page>
  )
}
