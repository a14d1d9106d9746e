import type { Preview } from '@/api/jobs'
import { clockTime } from './time'

/** Times as the clocks of a zone show them. */

export type Instant = Preview['instants'][number]

/** A wall clock's time, `Tue 2026-11-24 03:30:00`, out of RFC 3339 with an offset: as it is written, in no zone. */
export function wallTime(local: string): string {
  const day = local.slice(0, 10)
  return `${weekday(day)} ${day} ${local.slice(11, 19)}`
}

/** The same of an instant in a zone. */
export function wallTimeIn(at: string, zone?: string): string {
  const text = clockTime(new Date(at), zone)
  return `${weekday(text.slice(0, 10))} ${text}`
}

const weekday = (day: string) =>
  ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(`${day}T00:00:00Z`).getUTCDay()]

/** How a zone of the API reads. */
export const zoneWords = (zone: string) => (zone === '' || zone === 'Local' ? 'the servers’ zone' : zone)

/** What a change of the clocks does to an instant; empty if none does. */
export function dstWords({ dst, local }: Instant): string {
  const time = local.slice(11, 16)
  switch (dst) {
    case 'gap':
      return `The clocks go forward over its time that day: it fires right after, at ${time}.`
    case 'overlap-first':
      return `The clocks go back and show ${time} twice that day: this is the first.`
    case 'overlap-second':
      return `The clocks go back and show ${time} twice that day: this is the second.`
    default:
      return ''
  }
}
