import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import type { Tab } from './search'

/** Shown for a link to something that was deleted. */
export const Missing = ({ tab, what, name }: { tab: Tab; what: string; name: string }) => (
  <Empty
    icon="question"
    title={`No ${what} named “${name}”`}
    action={
      <LinkButton variant="default" to="/notifications" search={{ tab }}>
        Show all
      </LinkButton>
    }
  >
    It may have been deleted or renamed.
  </Empty>
)
