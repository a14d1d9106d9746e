import { Checkbox } from '@mantine/core'
import type { Job } from '@/api/jobs'
import { titleOf } from './actions'
import { Name, Next, Standing, Timing } from './cells'
import { useList } from './list'
import classes from './JobCards.module.css'
import { RowMenu } from './RowMenu'

/** The list where there is little room. */
export function JobCards({ jobs }: { jobs: readonly Job[] }) {
  const { selecting } = useList()
  return (
    <ul className={classes.cards} aria-label="Jobs">
      {jobs.map(job => (
        <li key={job.name} className={classes.card} data-job={job.name}>
          <Checkbox
            size="xs"
            className={classes.pick}
            aria-label={`Select ${titleOf(job)}`}
            checked={selecting.has(job.name)}
            onChange={event => selecting.set([job], event.currentTarget.checked)}
          />
          <div className={classes.words}>
            <Name job={job} />
            <Standing job={job} />
            <div className={classes.timing}>
              <Timing job={job} />
              <span className={classes.next}>
                <Next job={job} />
              </span>
            </div>
          </div>
          <RowMenu job={job} />
        </li>
      ))}
    </ul>
  )
}
