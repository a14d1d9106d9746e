import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { jobProcessorsQuery, type JobProcessor } from '@/api/processors'
import { Icon } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { When } from '@/ui/When'
import badge from '@/ui/StateBadge.module.css'
import { countsOf, isBroken, lookOf, placeOf } from './processor'
import classes from './Processors.module.css'

/** A job's processors; undefined until they are known or if it has none. */
export function useProcessors(job: Job): JobProcessor[] | undefined {
  const { data } = useQuery(jobProcessorsQuery(job.name))
  return data?.items.length ? data.items : undefined
}

/** What became of a job's outputs, by processor, in the order in which they are called. */
export function Processors({ job, list }: { job: Job; list: JobProcessor[] }) {
  const broken = list.some(isBroken)
  return (
    <Panel
      title="Output processors"
      aside={
        broken && (
          <May verb="write">
            <LinkButton to="/jobs/$job/edit" params={{ job: job.name }} size="compact-sm" variant="default">
              Edit processors
            </LinkButton>
          </May>
        )
      }
    >
      <ol className={classes.list} aria-label="Output processors">
        {list.map(one => (
          <Processor key={one.name} job={job} one={one} />
        ))}
      </ol>
    </Panel>
  )
}

function Processor({ job, one }: { job: Job; one: JobProcessor }) {
  const look = lookOf(one)
  const [failed, delivered] = [timeOf(one.last_error_at), timeOf(one.delivered_at)]
  return (
    <li>
      <div className={classes.head}>
        <b>{one.name}</b>
        <span className={badge.badge} data-tone={look.tone}>
          <Icon name={look.icon} size={13} strokeWidth={2.6} />
          {look.label}
        </span>
        <span className={classes.soft}>{placeOf(job, one.name)}</span>
      </div>
      <div className={classes.soft}>
        {countsOf(one)}
        {delivered && (
          <>
            {' '}
            · last <When at={delivered} />
          </>
        )}
      </div>
      {isBroken(one) && one.last_error && (
        <div className={classes.error} data-tone={look.tone}>
          <span className={classes.when}>
            {one.attempts > 0 ? `${counted(one.attempts, 'attempt')} failed, last ` : 'Last error '}
            <When at={failed} />
          </span>
          <span className={classes.text}>{one.last_error}</span>
        </div>
      )}
    </li>
  )
}
