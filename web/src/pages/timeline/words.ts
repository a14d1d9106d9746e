import { count, counted } from '@/ui/size'
import { clockTime, distance, shortTime, took } from '@/ui/time'
import { endOf, isWaiting, labelOf, type Entry } from './entry'
import { minute, type View } from './scale'

/** Rows and entries in words: for the tooltip, the table and screen readers. */

export const noNode = 'No node'

/** The job of an entry: a band may have several. */
export const jobOf = (e: Entry) => e.displayname || e.job || 'several jobs'

export const nodeOf = (e: Entry) => {
  if (e.node) return e.node
  if (e.kind === 'unrun') return 'none'
  if (e.kind === 'ran') return '–'
  return e.count ? `${counted(e.count, 'node')}, chosen at launch` : 'no node matches now'
}

export const lasted = (e: Entry, now: number) => (e.kind === 'ran' && !e.times ? took(endOf(e, now) - e.start) : '')

/** How often a band is due: its mean distance. */
export const everyOf = (e: Entry) => (e.every ? `every ${took(e.every).replace('.0 ', ' ')}` : '')

/** What a band of launches has: `30 runs, 2 failed`. */
export function manyOf(e: Entry): string {
  const runs = e.kind === 'unrun' ? `${count(e.times ?? 1)} ${labelOf(e)}` : counted(e.times ?? 1, 'run')
  if (e.kind === 'unrun' || !e.bad) return runs
  return e.bad === e.times ? `${runs}, ${e.times === 1 ? 'failed' : 'all failed'}` : `${runs}, ${count(e.bad)} failed`
}

/** An entry in one sentence. */
export function sentenceOf(e: Entry, now: number, zone?: string): string {
  const at = clockTime(new Date(e.start), zone)
  if (e.kind === 'due' && e.times)
    return `${jobOf(e)} is due ${everyOf(e)}, ${count(e.times)} times from ${at} to ${clockTime(new Date(e.end), zone)}, on ${nodeOf(e)}`
  if (e.times)
    return `${jobOf(e)}${e.node && ` on ${e.node}`}, ${manyOf(e)}, from ${at} to ${clockTime(new Date(e.end), zone)}`
  if (e.kind === 'due') return `${jobOf(e)} is due at ${at}, ${distance(new Date(e.start), now)}, on ${nodeOf(e)}`
  if (e.kind === 'unrun') return `${jobOf(e)}, due at ${at}, ${labelOf(e)}. ${e.reason ?? ''}`
  if (isWaiting(e)) return `${jobOf(e)}, due at ${at}, ${labelOf(e)} for ${lasted(e, now)}`
  const how = e.end === Infinity ? `running for ${lasted(e, now)}` : `${labelOf(e)} after ${lasted(e, now)}`
  return `${jobOf(e)}${e.node && ` on ${e.node}`}, started at ${at}, ${how}`
}

/** The period of a view. Each end has its day unless both are of today. */
export function rangeOf({ from, to }: View, now: number, zone?: string): string {
  const [first, last] = [new Date(from), new Date(to)]
  const today = clockTime(new Date(now), zone).slice(0, 10)
  const days = [first, last].map(at => clockTime(at, zone).slice(0, 10))
  if (days.every(d => d === today)) return `${shortTime(first, now, zone)} – ${shortTime(last, now, zone)}`
  const length = to - from < 10 * minute ? 19 : 16 // seconds only where they matter
  return `${clockTime(first, zone).slice(0, length)} – ${clockTime(last, zone).slice(0, length)}`
}
