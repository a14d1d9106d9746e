import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { healths, jobsQuery, type Job } from '@/api/jobs'
import { failedStates, type LaunchState } from '@/api/launches'
import { Empty } from '@/ui/Empty'
import { recent, recentFailures } from '@/ui/failures'
import { HealthBadge } from '@/ui/HealthBadge'
import { sinceWords } from '@/ui/health'
import { Link, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { nameOf } from '@/ui/words'
import { useZone } from '@/ui/zone'
import { Row, Rows } from './Row'

const looked = 20 // launches of each job

const query = jobsQuery({
  health: healths.filter(word => word !== 'failing' && word !== 'did_not_run'),
  sort: 'last_error',
  descending: true,
  recent: looked,
  end: 8,
})

/** Jobs that failed in the last day and have succeeded since, each once. */
export function Recovered() {
  const now = useNow()
  return (
    <Panel
      flush
      title="Recovered in 24 hours"
      aside={
        <Link to="/launches" search={recentFailures}>
          All failures
        </Link>
      }
    >
      <Loaded query={useQuery(query)} what="the failures">
        {({ items }) => {
          const jobs = items.filter(job => failuresOf(job, now).length)
          if (!jobs.length)
            return (
              <Empty icon="check" title="No other failures">
                Jobs that failed in the last 24 hours and succeeded since appear here.
              </Empty>
            )
          return (
            <Rows>
              {jobs.map(job => (
                <Line key={job.name} job={job} now={now} />
              ))}
            </Rows>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function Line({ job, now }: { job: Job; now: number }) {
  const zone = useZone()
  const failures = failuresOf(job, now)
  const newest = failures[0]!
  const first = timeOf(failures.at(-1)!.ended_at)
  return (
    <Row
      mark={<HealthBadge job={job} compact />}
      title={
        <>
          <PlainLink to="/jobs/$job" params={{ job: job.name }}>
            {nameOf(job)}
          </PlainLink>
          {failures.length > 1 && first && ` × ${failures.length} since ${sinceWords(first, now, zone)}`}
        </>
      }
      sub={
        <PlainLink to="/launches/$launch" params={{ launch: newest.id }}>
          {newest.reason || 'failed'}
        </PlainLink>
      }
      side={<When at={timeOf(newest.ended_at)} />}
    />
  )
}

/** The failures of the last day among the last launches, newest first. */
const failuresOf = ({ recent_launches = [] }: Job, now: number) =>
  recent_launches.filter(({ state, ended_at }) => {
    const at = timeOf(ended_at)
    return at && now - at.getTime() < recent && (failedStates as readonly LaunchState[]).includes(state)
  })
