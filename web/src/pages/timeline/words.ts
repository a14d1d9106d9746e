import { count, counted } from '@/ui/size'
import { clockTime, distance, took } from '@/ui/time'
import { endOf, labelOf, type Entry } from './entry'

/** Rows and entries in words: for the tooltip, the table and screen readers. */

export const noNode = 'No node'

export const nodeOf = (e: Entry) => {
  if (e.node) return e.node
  if (e.kind === 'unrun') return 'none'
  return e.count ? `${counted(e.count, 'node')}, chosen at launch` : 'no node matches now'
}

export const lasted = (e: Entry, now: number) => (e.kind === 'ran' ? took(endOf(e, now) - e.start) : '')

/** How often a band is due: its mean distance. */
export const everyOf = (e: Entry) => (e.every ? `every ${took(e.every).replace('.0 ', ' ')}` : '')

/** An entry in one sentence. */
export function sentenceOf(e: Entry, now: number, zone?: string): string {
  const at = clockTime(new Date(e.start), zone)
  if (e.kind === 'due' && e.times)
    return `${e.job} is due ${everyOf(e)}, ${count(e.times)} times from ${at} to ${clockTime(new Date(e.end), zone)}, on ${nodeOf(e)}`
  if (e.kind === 'due') return `${e.job} is due at ${at}, ${distance(new Date(e.start), now)}, on ${nodeOf(e)}`
  if (e.kind === 'unrun') return `${e.job}, due at ${at}, ${labelOf(e)}. ${e.reason ?? ''}`
  const how = e.end === Infinity ? `running for ${lasted(e, now)}` : `${labelOf(e)} after ${lasted(e, now)}`
  return `${e.job} on ${e.node}, started at ${at}, ${how}`
}
