import { Handle, type Node, type NodeProps } from '@xyflow/react'
import type { Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { StateBadge } from '@/ui/StateBadge'
import { nameOf, scheduleWords, stateOf } from '@/ui/words'
import classes from './Graph.module.css'

export type JobNodeType = Node<{ job: Job; current: boolean }, 'job'>

/** One job in the graph. */
export function JobNode({ data: { job, current }, sourcePosition, targetPosition }: NodeProps<JobNodeType>) {
  return (
    <>
      {targetPosition && <Handle type="target" position={targetPosition} isConnectable={false} />}
      <PlainLink
        to="/jobs/$job"
        params={{ job: job.name }}
        search={{ tab: 'graph' }}
        className={classes.node}
        data-current={current || undefined}
        aria-current={current ? 'true' : undefined}
      >
        <StateBadge state={stateOf(job)} compact />
        <span className={classes.words}>
          <span className={classes.name}>{nameOf(job)}</span>
          <span className={classes.schedule}>
            {job.disabled && <Icon name="pause" size={11} />}
            {job.disabled ? 'Disabled' : scheduleWords(job)}
          </span>
        </span>
      </PlainLink>
      {sourcePosition && <Handle type="source" position={sourcePosition} isConnectable={false} />}
    </>
  )
}
