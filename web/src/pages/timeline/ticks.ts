import { clockTime } from '@/ui/time'
import { day, hour, minute, second, spanOf, type View } from './scale'

/** A line of the axis. */
export interface Tick {
  at: number
  label: string
  /** Whether a day starts here in the reader's zone. */
  day: boolean
}

const steps = [
  ...[1, 2, 5, 10, 15, 30].map(n => n * second),
  ...[1, 2, 5, 10, 15, 30].map(n => n * minute),
  ...[1, 2, 3, 6, 12].map(n => n * hour),
  ...[1, 2, 7].map(n => n * day),
]

/** A zone's offset from UTC at a time. */
export function offsetAt(at: number, zone?: string): number {
  const whole = Math.floor(at / second) * second
  return Date.parse(`${clockTime(new Date(whole), zone).replace(' ', 'T')}Z`) - whole
}

/** The distance of two lines, such that a view has at most `most`. */
export const stepOf = (span: number, most: number) => steps.find(s => span / s <= most) ?? steps.at(-1)!

/**
 * The lines of a view at times that are round by the clock of the zone, also across a change of its offset.
 */
export function ticksOf(view: View, most: number, zone?: string): Tick[] {
  const step = stepOf(spanOf(view), Math.max(most, 1))
  const ticks: Tick[] = []
  for (let at = firstRound(view.from, step, zone); at <= view.to; at = nextRound(at, step, zone)) {
    ticks.push(tickAt(at, step, zone))
  }
  return ticks
}

function firstRound(from: number, step: number, zone?: string): number {
  const offset = offsetAt(from, zone)
  const at = Math.ceil((from + offset) / step) * step - offset
  const turned = offsetAt(at, zone) - offset
  return turned % step === 0 ? at : at - turned
}

function nextRound(at: number, step: number, zone?: string): number {
  const next = at + step
  const turned = offsetAt(next, zone) - offsetAt(at, zone)
  // A full hour stays full if the clock changes by an hour; midnight does not.
  return turned % step === 0 ? next : next - turned
}

function tickAt(at: number, step: number, zone?: string): Tick {
  const text = clockTime(new Date(at), zone)
  const begins = text.endsWith('00:00:00')
  const label = begins ? dayName(at, zone) : step < minute ? text.slice(11) : text.slice(11, 16)
  return { at, label, day: begins }
}

const names = new Map<string, Intl.DateTimeFormat>()

/** `Tue 24 Nov`. */
export function dayName(at: number, zone = ''): string {
  let f = names.get(zone)
  if (!f) {
    f = new Intl.DateTimeFormat('en', { timeZone: zone || undefined, weekday: 'short', day: 'numeric', month: 'short' })
    names.set(zone, f)
  }
  const parts = Object.fromEntries(f.formatToParts(at).map(p => [p.type, p.value]))
  return `${parts.weekday} ${parts.day} ${parts.month}`
}
