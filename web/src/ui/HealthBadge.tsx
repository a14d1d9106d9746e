import type { Job } from '@/api/jobs'
import { healthWords, streakOf } from './health'
import { StateBadge } from './StateBadge'
import type { State } from './state'
import { useFromNow } from './useNow'
import { stateOf } from './words'
import { useZone } from './zone'

interface Props {
  job: Job
  /** Another of its states than the most important one. */
  state?: State
  /** Only the icon, for dense lists. */
  compact?: boolean
}

/** A job's state, with since when and why if something is wrong. */
export function HealthBadge({ job, state = stateOf(job), compact }: Props) {
  const zone = useZone()
  const words = useFromNow(now => healthWords(job, now, zone))
  const last = job.last_launch?.reason
  const trouble = state === job.health || (state === 'lost' && job.health === 'did_not_run')
  return (
    <StateBadge
      state={state}
      reason={trouble && words ? sentence(words) : last}
      more={state === job.health ? streakOf(job) : ''}
      compact={compact}
    />
  )
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
