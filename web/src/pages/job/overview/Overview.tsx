import type { Job } from '@/api/jobs'
import { Figures } from './Figures'
import { History } from './History'
import classes from './Overview.module.css'
import { Summary } from './Summary'
import { Targets } from './Targets'
import { Upcoming } from './Upcoming'
import { WhyNot } from './WhyNot'

/** What a job did, will do, where, and how it is set up. */
export function Overview({ job }: { job: Job }) {
  return (
    <div className={classes.grid}>
      <div className={classes.column}>
        <History job={job} />
        <WhyNot job={job} />
        <Summary job={job} />
      </div>
      <div className={classes.column}>
        <Figures job={job} />
        <Targets job={job} />
        <Upcoming job={job} />
      </div>
    </div>
  )
}
