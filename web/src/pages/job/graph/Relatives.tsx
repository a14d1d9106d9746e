import type { Job } from '@/api/jobs'
import { Link } from '@/ui/link'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { nameOf, scheduleWords, stateOf } from '@/ui/words'
import classes from './Graph.module.css'
import type { Tie } from './layout'

interface Props {
  job: Job
  jobs: Job[]
  ties: Tie[]
}

const upward = { success: 'has to succeed', failure: 'has to fail', always: 'has to end' }

/** The graph as lists: parents, children and other linked jobs. */
export function Relatives({ job, jobs, ties }: Props) {
  const of = (name: string) => jobs.find(j => j.name === name)
  const parents = ties.filter(t => t.to === job.name)
  const children = ties.filter(t => t.from === job.name)
  const others = jobs.filter(
    j => j.name !== job.name && !parents.some(t => t.from === j.name) && !children.some(t => t.to === j.name),
  )
  return (
    <div className={classes.lists}>
      <Jobs title="Parents" none="None" rows={parents.map(t => ({ job: of(t.from), note: upward[t.on] }))} />
      <Jobs
        title="Children"
        none="None"
        rows={children.map(t => ({
          job: of(t.to),
          note: `launched after ${nouns[t.on]}`,
        }))}
      />
      <Jobs title="Other linked jobs" none="None" rows={others.map(j => ({ job: j, note: scheduleWords(j) }))} />
    </div>
  )
}

const nouns = { success: 'success', failure: 'failure', always: 'end' }

function Jobs({ title, none, rows }: { title: string; none: string; rows: { job?: Job; note: string }[] }) {
  return (
    <Panel title={title}>
      {rows.length === 0 && <span className={classes.note}>{none}</span>}
      <ul className={classes.list}>
        {rows.map(({ job, note }) =>
          job ? (
            <li key={job.name}>
              <StateBadge state={stateOf(job)} compact />
              <Link to="/jobs/$job" params={{ job: job.name }} search={{ tab: 'graph' }} size="sm">
                {nameOf(job)}
              </Link>
              <span className={classes.note}>{note}</span>
            </li>
          ) : null,
        )}
      </ul>
    </Panel>
  )
}
