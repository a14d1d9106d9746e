import { Button } from '@mantine/core'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import type { LaunchState } from '@/api/launches'
import { useNow } from '@/ui/useNow'
import { HealthBadge } from '@/ui/HealthBadge'
import { lastReason, sinceWords } from '@/ui/health'
import { Icon } from '@/ui/Icon'
import { LinkButton, PlainLink } from '@/ui/link'
import { useMay } from '@/ui/may'
import { RecentRuns } from '@/ui/RecentRuns'
import { Runbook } from '@/ui/Runbook'
import { useJobActions } from '@/ui/useJobActions'
import { nameOf, runsHere } from '@/ui/words'
import { useZone } from '@/ui/zone'
import classes from './Attention.module.css'

/** A job that somebody has to look at: what is wrong, since when, why, whose it is, and what can be done at once. */
export function JobInTrouble({ job }: { job: Job }) {
  const { run } = useJobActions()
  const may = useMay()
  const launch = launchOf(job)
  const reason = lastReason(job)
  // Another launch would help neither: it would wait, too.
  const waits = job.health === 'late' || job.health === 'long_running'
  return (
    <li className={classes.job}>
      <div className={classes.badge}>
        <HealthBadge job={job} />
      </div>
      <div className={classes.words}>
        <div className={classes.title}>
          <PlainLink to="/jobs/$job" params={{ job: job.name }} className={classes.name}>
            {nameOf(job)}
          </PlainLink>
          <span className={classes.soft}>
            <Since job={job} />
          </span>
          <Runbook job={job} />
        </div>
        {reason && <div className={classes.reason}>{reason}</div>}
      </div>
      <div className={classes.owner}>
        {job.owner && (
          <PlainLink to="/jobs" search={{ owner: job.owner }}>
            {job.owner}
          </PlainLink>
        )}
      </div>
      <div className={classes.recent}>
        <RecentRuns launches={job.recent_launches ?? []} of={nameOf(job)} />
      </div>
      <div className={classes.acts}>
        {launch && (
          <LinkButton to="/launches/$launch" params={{ launch }} size="compact-sm" variant="default">
            {job.health === 'did_not_run' || job.health === 'late' ? 'Details' : 'Output'}
          </LinkButton>
        )}
        {!waits && runsHere(job) && may('run') && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="rerun" size={14} />}
            aria-label={`Run again: ${nameOf(job)}`}
            onClick={() => void run(job)}
          >
            Run again
          </Button>
        )}
      </div>
    </li>
  )
}

/** The launch to look at: the one that runs long, the oldest known that is late or, of other jobs, the last that ended. */
function launchOf({ health, last_launch, recent_launches }: Job): string | undefined {
  if (health === 'long_running') return recent_launches?.find(launch => launch.state === 'running')?.id
  if (health === 'late') return recent_launches?.findLast(launch => lateStates.has(launch.state))?.id
  return last_launch?.id
}

const lateStates: ReadonlySet<LaunchState> = new Set(['queued', 'waiting'])

const before: Partial<Record<NonNullable<Job['health']>, string>> = {
  late: 'due at',
  did_not_run: 'due at',
  long_running: 'since',
  failing: 'since',
}

function Since({ job }: { job: Job }) {
  const now = useNow()
  const zone = useZone()
  const at = timeOf(job.health_since)
  if (!at || !job.health) return null
  const word = job.schedule === '@manually' && job.health === 'did_not_run' ? 'started' : before[job.health]
  return `${word} ${sinceWords(at, now, zone)}`
}
