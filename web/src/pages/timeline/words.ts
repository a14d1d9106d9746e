import { counted } from '@/ui/size'
import { clockTime, distance, took } from '@/ui/time'
import { endOf, labelOf, type Entry } from './entry'

/** What a row or entry is, in words: for the tooltip, the table and whoever listens instead of looking. */

export const noNode = 'Without a node'

export const nodeOf = (e: Entry) => {
  if (e.node) return e.node
  if (e.kind === 'unrun') return 'none'
  return e.count ? `${counted(e.count, 'node')}, chosen then` : 'no node matches now'
}

export const lasted = (e: Entry, now: number) => (e.kind === 'ran' ? took(endOf(e, now) - e.start) : '')

/** One sentence on an entry. */
export function tell(e: Entry, now: number, zone?: string): string {
  const at = clockTime(new Date(e.start), zone)
  if (e.kind === 'due') return `${e.job} is due at ${at}, ${distance(new Date(e.start), now)}, on ${nodeOf(e)}`
  if (e.kind === 'unrun') return `${e.job}, due at ${at}, ${labelOf(e)}. ${e.reason ?? ''}`
  const how = e.end === Infinity ? `running for ${lasted(e, now)}` : `${labelOf(e)} after ${lasted(e, now)}`
  return `${e.job} on ${e.node}, started at ${at}, ${how}`
}
