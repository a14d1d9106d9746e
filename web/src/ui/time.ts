/** Times and durations as words. Pure, but for the zone of the browser where none is given. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** The distance to a time: `in 3 min`, `12 s ago`, `2 d ago`. */
export function distance(at: Date, now: number): string {
  const ms = at.getTime() - now
  const size = Math.abs(ms)
  if (size < second) return 'now'
  const text = rough(size)
  return ms > 0 ? `in ${text}` : `${text} ago`
}

function rough(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} d`
}

/** A duration in milliseconds: `85 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function took(ms: number): string {
  // What rounds up to the next unit is written in that one: 59.6 s is 1 min.
  if (Math.round(ms) < second) return `${Math.round(ms)} ms`
  if (ms < 9.95 * second) return `${(ms / second).toFixed(1)} s`
  if (ms < 59.5 * second) return `${Math.round(ms / second)} s`
  if (ms < hour - second / 2) return pair(Math.round(ms / second), 60, 'min', 's')
  if (ms < 2 * day - minute / 2) return pair(Math.round(ms / minute), 60, 'h', 'min')
  return pair(Math.round(ms / hour), 24, 'd', 'h')
}

/** A duration, up to now without an end: `3 min 20 s`; `–` without a start. */
export function tookFrom(start: Date | undefined, end: Date | undefined, now: number): string {
  return start ? took(Math.max(0, (end?.getTime() ?? now) - start.getTime())) : '–'
}

function pair(value: number, size: number, large: string, small: string): string {
  const rest = value % size
  return `${Math.floor(value / size)} ${large}${rest ? ` ${rest} ${small}` : ''}`
}

/** A time to the second with its day, `2026-11-24 03:30:00`, in a zone. */
export function clockTime(at: Date, zone?: string): string {
  const parts = partsOf(at, zone)
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}:${parts.second}`
}

/** The same without the day if that is today. */
export function shortTime(at: Date, now: number, zone?: string): string {
  const text = clockTime(at, zone)
  return text.startsWith(clockTime(new Date(now), zone).slice(0, 10)) ? text.slice(11) : text.slice(0, 16)
}

function partsOf(at: Date, zone?: string): Record<Intl.DateTimeFormatPartTypes, string> {
  const parts = formatter(zone).formatToParts(at)
  return Object.fromEntries(parts.map(p => [p.type, p.value])) as Record<Intl.DateTimeFormatPartTypes, string>
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(zone = ''): Intl.DateTimeFormat {
  let f = formatters.get(zone)
  if (!f) {
    f = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone || undefined,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formatters.set(zone, f)
  }
  return f
}

/** The name of the browser's zone. */
export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
