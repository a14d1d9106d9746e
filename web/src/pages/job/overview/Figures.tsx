import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '@/api/client'
import { timeOf } from '@/api/client'
import { jobStatsQuery, type Job, type JobStats } from '@/api/jobs'
import { Link } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count, counted, percent } from '@/ui/size'
import { took } from '@/ui/time'
import { When } from '@/ui/When'
import { endsOf, openOf } from '@/ui/words'
import classes from './Figures.module.css'
import { LastFailure } from './LastError'

type Distribution = Schemas['Distribution']

/** A job's success rate, durations and start delays. */
export function Figures({ job }: { job: Job }) {
  const query = useQuery(jobStatsQuery(job.name))
  return (
    <Panel title="Statistics">
      <Loaded query={query} what="the statistics" lines={5}>
        {stats => (
          <>
            <div className={classes.rate}>
              <span className={classes.large} data-tone={toneOf(stats.success_rate)}>
                {stats.success_rate === null ? '–' : percent(stats.success_rate)}
              </span>
              <Text size="sm" c="dimmed">
                {rateWords(stats)}
              </Text>
            </div>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="spoken">What</span>
                  </th>
                  <th scope="col">median</th>
                  <th scope="col">p95</th>
                  <th scope="col">max</th>
                </tr>
              </thead>
              <tbody>
                <Row name="Duration" of={stats.duration_ms} />
                <Row name="Start delay" of={stats.lateness_ms} />
              </tbody>
            </table>
            <Counts job={job} since={timeOf(stats.since)} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function toneOf(rate: number | null) {
  if (rate === null) return 'calm'
  return rate >= 0.95 ? 'good' : rate >= 0.5 ? 'wait' : 'bad'
}

function Row({ name, of }: { name: string; of: Distribution }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{lengthWords(of.p50)}</td>
      <td>{lengthWords(of.p95)}</td>
      <td>{lengthWords(of.max)}</td>
    </tr>
  )
}

const lengthWords = (ms: number | null) => (ms === null ? '–' : took(Math.max(0, ms)))

/** How many of the kept runs succeeded. Those that were stopped or replaced count as neither. */
function rateWords({ executions, stopped, success_rate: rate }: JobStats): string {
  const ended = executions - stopped
  if (rate === null) return executions ? `${counted(stopped, 'kept run')}, all stopped` : 'No run has ended yet.'
  const rest = stopped ? `, ${count(stopped)} stopped` : ''
  return `${count(Math.round(rate * ended))} of ${counted(ended, 'kept run')} succeeded${rest}`
}

function endsWords(job: Job): string {
  const { good, bad, stopped } = endsOf(job)
  return `${count(good)} succeeded, ${count(bad)} failed${stopped ? `, ${count(stopped)} stopped` : ''}`
}

function openWords(job: Job): string {
  const { running, waiting, queued } = openOf(job)
  const parts = [`${count(running)} running`, waiting && `${count(waiting)} waiting`, `${count(queued)} queued`]
  return parts.filter(Boolean).join(', ')
}

function Counts({ job, since }: { job: Job; since?: Date }) {
  const launches = { to: '/jobs/$job', params: { job: job.name } } as const
  return (
    <dl className={classes.counts}>
      <dt>All time</dt>
      <dd>{endsWords(job)}</dd>
      <dt>Last success</dt>
      <dd>
        <When at={timeOf(job.last_success)} none="never" />
      </dd>
      <dt>Last failure</dt>
      <dd>
        <LastFailure job={job} />
      </dd>
      {since && (
        <>
          <dt>Kept since</dt>
          <dd>
            <When at={since} />
          </dd>
        </>
      )}
      {job.running + job.queued > 0 && (
        <>
          <dt>Now</dt>
          <dd>
            <Link {...launches} search={{ tab: 'launches', state: ['running', 'waiting', 'queued'] }} inherit>
              {openWords(job)}
            </Link>
          </dd>
        </>
      )}
    </dl>
  )
}
