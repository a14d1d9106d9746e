import { useInfiniteQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { badStates, failedStates, launchesQuery, notRunStates, type Launch } from '@/api/launches'
import { sinceWords } from '@/ui/health'
import { Icon } from '@/ui/Icon'
import { Link, LinkButton } from '@/ui/link'
import { Runbook } from '@/ui/Runbook'
import { count } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { reasonOf } from '@/ui/words'
import { useZone } from '@/ui/zone'
import classes from './LastError.module.css'

type LastLaunch = NonNullable<Job['last_launch']>

/** The last ended launch of a job if it failed or did not run. */
export function faultOf({ last_launch: last }: Pick<Job, 'last_launch'>): LastLaunch | undefined {
  return last && badStates.includes(last.state) ? last : undefined
}

/** What is wrong with a job now, and where to look: its output, its runbook. Hidden if its last launch ended well. */
export function LastError({ job }: { job: Job }) {
  const launch = faultOf(job)
  if (!launch) return null
  const look = lookOf(launch.state)
  return (
    <section className={classes.error} data-tone="bad" aria-labelledby="last-error">
      <h2 id="last-error" className={classes.title}>
        <Icon name="alert" size={17} strokeWidth={2.2} />
        <Title job={job} launch={launch} />
      </h2>
      <p className={classes.reason}>{launch.reason || look.meaning}</p>
      <div className={classes.links}>
        <Runbook job={job} prominent />
        <LinkButton to="/launches/$launch" params={{ launch: launch.id }} size="xs" variant="default">
          {notRunStates.includes(launch.state) ? 'Show the launch' : 'Show output'}
        </LinkButton>
      </div>
    </section>
  )
}

/** `Failing since 19:58, 45 times in a row`, or `Last launch: timed out, 3 min ago` of one that does not count as failing. */
function Title({ job, launch }: { job: Job; launch: LastLaunch }) {
  const now = useNow()
  const zone = useZone()
  const since = timeOf(job.health_since)
  const streak = job.failure_streak ?? 0
  if (job.health === 'failing' && since)
    return `Failing since ${sinceWords(since, now, zone)}${streak > 1 ? `, ${count(streak)} times in a row` : ''}`
  return (
    <span>
      Last launch: {lookOf(launch.state).label}, <When at={timeOf(launch.ended_at)} />
    </span>
  )
}

/** When a job failed last, with the way to its output, and why unless that is shown above. */
export function LastFailure({ job }: { job: Job }) {
  const { data } = useInfiniteQuery(launchesQuery({ job: [job.name], state: [...failedStates] }, 1))
  const launch: Launch | undefined = data?.pages[0]?.items[0]
  const at = timeOf(job.last_error)
  if (!launch) return <When at={at} none="never" />
  return (
    <>
      <Link to="/launches/$launch" params={{ launch: launch.id }} inherit>
        <When at={at ?? timeOf(launch.ended_at)} />
      </Link>
      {!faultOf(job) && <span className={classes.past}>{reasonOf(launch)}</span>}
    </>
  )
}
