import { useInfiniteQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { failedStates, launchesQuery, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { Link, LinkButton } from '@/ui/link'
import { Runbook } from '@/ui/Runbook'
import { lookOf } from '@/ui/state'
import { When } from '@/ui/When'
import { reasonOf } from '@/ui/words'
import classes from './LastError.module.css'

/** The newest kept launch of a job that ran and failed. */
function useLastFailure(job: Job): Launch | undefined {
  const { data } = useInfiniteQuery(launchesQuery({ job: [job.name], state: [...failedStates] }, 1))
  return data?.pages[0]?.items[0]
}

/** Whether the job's last launch failed. */
export const isFailing = (job: Job) => job.status === 'failed' || job.status === 'partially_failed'

/** What is wrong with a job now, and where to look: its output, its runbook. Hidden if its last launch did not fail. */
export function LastError({ job }: { job: Job }) {
  const launch = useLastFailure(job)
  if (!isFailing(job) || !launch) return null
  const params = { launch: launch.id }
  return (
    <section className={classes.error} data-tone="bad" aria-labelledby="last-error">
      <h2 id="last-error" className={classes.title}>
        <Icon name="alert" size={17} strokeWidth={2.2} />
        Last launch {lookOf(launch.state).label} <When at={timeOf(launch.ended_at)} />
      </h2>
      <p className={classes.reason}>{reasonOf(launch) || lookOf(launch.state).meaning}</p>
      <div className={classes.links}>
        <LinkButton to="/launches/$launch" params={params} size="xs" variant="default">
          Show output
        </LinkButton>
        <Runbook job={job} prominent />
      </div>
    </section>
  )
}

/** The last failure of a job that has succeeded since, with the way to its output. */
export function LastFailure({ job }: { job: Job }) {
  const launch = useLastFailure(job)
  const at = timeOf(job.last_error)
  if (!launch) return <When at={at} none="never" />
  return (
    <>
      <Link to="/launches/$launch" params={{ launch: launch.id }} inherit>
        <When at={at ?? timeOf(launch.ended_at)} />
      </Link>
      {!isFailing(job) && <span className={classes.past}>{reasonOf(launch)}</span>}
    </>
  )
}
