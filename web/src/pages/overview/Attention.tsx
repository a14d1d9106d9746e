import { useQuery } from '@tanstack/react-query'
import type { Slice } from '@/api/client'
import { jobsQuery, type Health, type Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count, counted } from '@/ui/size'
import { JobInTrouble } from './JobInTrouble'
import classes from './Attention.module.css'

/** A kind of trouble, and how many of its jobs are shown: the others are a link away. */
interface Kind {
  title: string
  health: Health[]
  most: number
}

const failing: Kind = { title: 'Failing now', health: ['failing'], most: 8 }
const slow: Kind = { title: 'Late and running long', health: ['late', 'long_running'], most: 5 }
const notRun: Kind = { title: 'Did not run or lost', health: ['did_not_run'], most: 5 }

const queryOf = ({ health, most }: Kind) => jobsQuery({ health, sort: 'health', recent: 10, end: most })

/** What somebody has to look at: each job once, failing ones first. A single calm line if there is nothing. */
export function Attention() {
  const failed = useQuery(queryOf(failing))
  const late = useQuery(queryOf(slow))
  const missing = useQuery(queryOf(notRun))
  const all = [failed, late, missing]
  const query = { ...failed, data: all.every(q => q.data) ? all.map(q => q.data!) : undefined }
  return (
    <Loaded query={query} what="what needs attention" lines={2}>
      {([f, l, m]) => (
        <>
          {f!.total + l!.total + m!.total === 0 && <Calm />}
          <Jobs kind={failing} jobs={f!} />
          <Jobs kind={slow} jobs={l!} />
          <Jobs kind={notRun} jobs={m!} />
        </>
      )}
    </Loaded>
  )
}

function Jobs({ kind: { title, health }, jobs: { items, total } }: { kind: Kind; jobs: Slice<Job> }) {
  if (!total) return null
  const all = (
    <Link to="/jobs" search={{ health, sort: 'health' }}>
      {items.length < total ? `All ${count(total)}` : counted(total, 'job')}
    </Link>
  )
  return (
    <Panel flush title={title} aside={all}>
      <ul className={classes.jobs} aria-label={title}>
        {items.map(job => (
          <JobInTrouble key={job.name} job={job} />
        ))}
      </ul>
    </Panel>
  )
}

function Calm() {
  return (
    <p className={classes.calm} data-tone="good">
      <Icon name="check" size={18} strokeWidth={2.4} />
      No job is failing or late, and all that was due has run.
    </p>
  )
}
