import { useQuery } from '@tanstack/react-query'
import { jobPreviewQuery, type Job } from '@/api/jobs'
import { Warnings } from '@/ui/Warnings'
import { runsHere } from '@/ui/words'
import { Alerts } from './Alerts'
import { Children } from './Children'
import { Figures } from './Figures'
import { History } from './History'
import { JobNotes } from './JobNotes'
import { faultOf, LastError } from './LastError'
import classes from './Overview.module.css'
import { Objectives, useObjectives } from './Objectives'
import { Processors, useProcessors } from './Processors'
import { isBroken } from './processor'
import { Summary } from './Summary'
import { Targets } from './Targets'
import { Upcoming } from './Upcoming'
import { WhyNot } from './WhyNot'

/** A job's last error, history, notes, configuration, statistics, target nodes and upcoming runs. */
export function Overview({ job }: { job: Job }) {
  const preview = useQuery(jobPreviewQuery(job.name))
  const processors = useProcessors(job)
  const broken = processors?.some(isBroken)
  const objectives = useObjectives(job.name)
  return (
    <div className={classes.grid}>
      <div className={classes.column}>
        {faultOf(job) && (
          <div className={classes.fault}>
            <LastError job={job} />
            <JobNotes job={job} />
          </div>
        )}
        <Alerts job={job} />
        <Warnings warnings={preview.data?.warnings ?? []} />
        {processors && broken && <Processors job={job} list={processors} />}
        <History job={job} />
        <WhyNot job={job} />
        {!faultOf(job) && <JobNotes job={job} />}
        <Summary job={job} />
      </div>
      <div className={classes.column}>
        {objectives && <Objectives list={objectives} />}
        <Figures job={job} />
        {runsHere(job) && <Targets job={job} />}
        {processors && !broken && <Processors job={job} list={processors} />}
        <Upcoming job={job} />
        <Children job={job} />
      </div>
    </div>
  )
}
