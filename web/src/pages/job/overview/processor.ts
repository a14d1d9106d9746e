import type { JobProcessor } from '@/api/processors'
import type { Job } from '@/api/jobs'
import type { IconName } from '@/ui/Icon'
import { count } from '@/ui/size'
import type { Tone } from '@/ui/state'

/** How a processor of a job is doing, in words. */

interface Look {
  tone: Tone
  icon: IconName
  label: string
}

/** Whether somebody should look: it fails now, or outputs were given up or dropped. */
export const isBroken = ({ attempts, failed, dropped }: JobProcessor) => attempts > 0 || failed > 0 || dropped > 0

export function lookOf(p: JobProcessor): Look {
  if (p.attempts > 0) return { tone: 'bad', icon: 'alert', label: 'failing' }
  if (p.failed > 0 || p.dropped > 0) return { tone: 'odd', icon: 'alert', label: 'outputs lost' }
  if (p.pending > 0) return { tone: 'wait', icon: 'clock', label: 'pending' }
  if (p.delivered > 0) return { tone: 'good', icon: 'check', label: 'delivered' }
  return { tone: 'calm', icon: 'clock', label: 'no output yet' }
}

/** `12 delivered · 1 pending · 3 given up`. */
export const countsOf = ({ delivered, pending, failed, dropped }: JobProcessor) =>
  [
    `${count(delivered)} delivered`,
    pending > 0 && `${count(pending)} pending`,
    failed > 0 && `${count(failed)} given up`,
    dropped > 0 && `${count(dropped)} dropped`,
  ]
    .filter(Boolean)
    .join(' · ')

/** Where it is called. */
export function placeOf({ processors }: Pick<Job, 'processors'>, name: string): string {
  const config = processors?.[name] as Record<string, string> | undefined
  if (!config) return 'no longer in the job'
  return config.on === 'node' ? 'on the node that ran' : 'on the leader'
}
