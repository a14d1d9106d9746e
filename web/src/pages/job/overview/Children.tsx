import { useQuery } from '@tanstack/react-query'
import { jobQuery, jobsQuery, type Job } from '@/api/jobs'
import { Link, PlainLink } from '@/ui/link'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { HealthBadge } from '@/ui/HealthBadge'
import { endOf, nameOf, parentsOf, stateOf } from '@/ui/words'
import classes from './Children.module.css'

const most = 10

const after = { success: 'after success', failure: 'after a failure', always: 'after every end' }

/** The jobs that this one launches, with their states. Hidden if there are none. */
export function Children({ job }: { job: Job }) {
  const any = (job.dependent_jobs?.length ?? 0) > 0
  const { data } = useQuery({ ...jobsQuery({ parent: job.name, sort: 'id', end: most }), enabled: any })
  if (!any || !data?.items.length) return null
  const graph = (
    <Link to="/jobs/$job" params={{ job: job.name }} search={{ tab: 'graph' }} inherit>
      Graph
    </Link>
  )
  return (
    <Panel title="Children" aside={graph}>
      <ul className={classes.list}>
        {data.items.slice(0, most).map(child => {
          const parent = parentsOf(child).find(p => p.job === job.name)
          return (
            <li key={child.name}>
              <JobState job={child} />
              <PlainLink to="/jobs/$job" params={{ job: child.name }} className={classes.name}>
                {nameOf(child)}
              </PlainLink>
              <span className={classes.soft}>{parent && after[endOf(parent)]}</span>
            </li>
          )
        })}
      </ul>
      {data.total > most && <p className={classes.soft}>and {count(data.total - most)} more</p>}
    </Panel>
  )
}

/** The state of another job, by name. */
export function StateOf({ name }: { name: string }) {
  const { data } = useQuery({ ...jobQuery(name), retry: false })
  return data ? <JobState job={data} /> : null
}

const JobState = ({ job }: { job: Job }) => <HealthBadge job={job} state={job.disabled ? 'disabled' : stateOf(job)} />
