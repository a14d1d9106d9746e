import type { Preview } from '@/api/jobs'
import { clockTime } from './time'

/** Times as a zone's clocks show them. */

export type Instant = Preview['instants'][number]

/** The wall time `Tue 2026-11-24 03:30:00` of an RFC 3339 text, as written, whatever its offset. */
export function wallTime(local: string): string {
  const day = local.slice(0, 10)
  return `${weekday(day)} ${day} ${local.slice(11, 19)}`
}

/** The wall time of an instant in a zone. */
export function wallTimeIn(at: string, zone?: string): string {
  const text = clockTime(new Date(at), zone)
  return `${weekday(text.slice(0, 10))} ${text}`
}

const weekday = (day: string) =>
  ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(`${day}T00:00:00Z`).getUTCDay()]

/** The name of a zone of the API. */
export const zoneWords = (zone: string) => (zone === '' || zone === 'Local' ? 'the servers’ zone' : zone)

/** What a clock change does to an instant; empty if there is none. */
export function dstWords({ dst, local }: Instant): string {
  const time = local.slice(11, 16)
  switch (dst) {
    case 'gap':
      return `Clocks skip this time that day: it runs right after, at ${time}.`
    case 'overlap-first':
      return `Clocks show ${time} twice that day: this is the first.`
    case 'overlap-second':
      return `Clocks show ${time} twice that day: this is the second.`
    default:
      return ''
  }
}
