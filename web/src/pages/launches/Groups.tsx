import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { timeOf } from '@/api/client'
import { launchJobsQuery, type LaunchJob, type LaunchState } from '@/api/launches'
import { Link, PlainLink } from '@/ui/link'
import { ListFoot } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { count, counted } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import { shortTime } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { jobNameOf } from '@/ui/words'
import { useZone } from '@/ui/zone'
import classes from './Launches.module.css'
import { filterOf, type LaunchesSearch } from './search'
import table from './Table.module.css'

const portion = 100
const always = '1970-01-01T00:00:00Z'

/** The launches that match, a line per job, the one that ended last first: a noisy job is one line. */
export function Groups({ search, none }: { search: LaunchesSearch; none: ReactNode }) {
  const { since = always, ...filter } = filterOf(search, useNow())
  const query = useQuery(launchJobsQuery({ ...filter, from: since, sums: true, limit: 50_000 }))
  const [shown, setShown] = useState(portion)
  return (
    <Loaded query={query} what="the launches" lines={12}>
      {found => {
        if (!found.jobs.length) return none
        const jobs = found.jobs.toSorted((a, b) => Date.parse(b.last) - Date.parse(a.last))
        return (
          <div aria-busy={query.isPlaceholderData}>
            <Table jobs={jobs.slice(0, shown)} search={search} />
            <ListFoot>
              {counted(found.total, 'launch', 'launches')} of {counted(jobs.length, 'job')}
              {found.truncated && (
                <span>
                  Too many to count: what ended before <When at={timeOf(found.complete_from)} as="time" /> is left out.
                  Choose a shorter time.
                </span>
              )}
              {jobs.length > shown && (
                <Button size="xs" variant="default" onClick={() => setShown(shown + portion)}>
                  Show {count(Math.min(portion, jobs.length - shown))} more
                </Button>
              )}
            </ListFoot>
          </div>
        )
      }}
    </Loaded>
  )
}

function Table({ jobs, search }: { jobs: LaunchJob[]; search: LaunchesSearch }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Launches</th>
          <th scope="col" className={table.wide}>
            Since
          </th>
          <th scope="col">Latest</th>
          <th scope="col" className={table.wide}>
            Reason of the latest
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(job => (
          <Line key={job.job} job={job} search={search} />
        ))}
      </tbody>
    </table>
  )
}

function Line({ job, search }: { job: LaunchJob; search: LaunchesSearch }) {
  const zone = useZone()
  const now = useNow()
  const since = timeOf(job.first)
  const states = Object.entries(job.states).toSorted((a, b) => b[1] - a[1]) as [LaunchState, number][]
  return (
    <tr>
      <td className={table.job}>
        <PlainLink to="/jobs/$job" params={{ job: job.job }} title={job.job}>
          {jobNameOf(job)}
        </PlainLink>
        <div className={table.small}>
          {[since && job.count > 1 && `since ${shortTime(since, now, zone)}`, job.latest.reason]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </td>
      <td className={classes.counts}>
        <Link
          to="/launches"
          search={{ ...search, job: job.job, group: undefined }}
          inherit
          aria-label={`${counted(job.count, 'launch', 'launches')} of ${jobNameOf(job)}`}
        >
          × {count(job.count)}
        </Link>
        {states.map(([state, n]) => (
          <span key={state} className={classes.state}>
            <StateBadge state={state} />
            {states.length > 1 && ` ${count(n)}`}
          </span>
        ))}
      </td>
      <td className={`${table.wide} ${table.due}`}>{since ? shortTime(since, now, zone) : '–'}</td>
      <td className={table.due}>
        <Link to="/launches/$launch" params={{ launch: job.latest.id }} inherit>
          <When at={timeOf(job.last)} />
        </Link>
      </td>
      <td className={`${table.wide} ${classes.reason}`}>{job.latest.reason}</td>
    </tr>
  )
}
