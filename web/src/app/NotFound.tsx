import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import { Page } from '@/ui/Page'

export function NotFound() {
  return (
    <Page title="No such page">
      <Empty
        icon="question"
        title="There is no page at this address"
        action={<LinkButton to="/">To the overview</LinkButton>}
      >
        The link may be older than what it led to.
      </Empty>
    </Page>
  )
}
