import { jobOf, type Launch } from '@/api/launches'
import { Link } from './link'
import { causeWords } from './words'

/** The cause of a launch; for a parent, with a link to the parent’s launch. */
export function CauseOf({ launch: { cause, parent } }: { launch: Pick<Launch, 'cause' | 'parent'> }) {
  if (cause !== 'parent' || !parent) return causeWords(cause)
  return (
    <>
      after{' '}
      <Link to="/launches/$launch" params={{ launch: parent }} underline="always">
        {jobOf(parent)}
      </Link>
    </>
  )
}
