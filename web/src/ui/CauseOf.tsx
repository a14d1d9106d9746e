import { jobOf, type Launch } from '@/api/launches'
import { Link } from './link'
import { causeWords } from './words'

/** Why a launch came to be; after a parent, with a link to that launch. */
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
