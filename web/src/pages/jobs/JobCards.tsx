import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { Name, Next, Pick, Recent, Sorted, State, Timing } from './cells'
import { useList } from './list'
import classes from './JobCards.module.css'
import { hasColumn, orders } from './order'
import { RowMenu } from './RowMenu'
import { SelectPage } from './SelectPage'

/** The list on a narrow screen. */
export function JobCards({ jobs }: { jobs: readonly Job[] }) {
  const { selecting, sort } = useList()
  return (
    <>
      <div className={classes.head}>
        <SelectPage jobs={jobs} /> Select all
      </div>
      <ul className={classes.cards} aria-label="Jobs">
        {jobs.map(job => (
          <li key={job.name} className={classes.card} data-job={job.name}>
            <Pick job={job} selected={selecting.has(job.name)} />
            <div className={classes.words}>
              <Name job={job} />
              <div className={classes.line}>
                <State job={job} />
                {timeOf(job.next) && !job.disabled && (
                  <span className={classes.next}>
                    next <Next job={job} />
                  </span>
                )}
              </div>
              <Timing job={job} />
              {!hasColumn(sort) && (
                <div className={classes.sorted}>
                  {orders[sort].label}: <Sorted job={job} />
                </div>
              )}
              {job.recent_launches?.length ? <Recent job={job} /> : null}
            </div>
            <RowMenu job={job} />
          </li>
        ))}
      </ul>
    </>
  )
}
