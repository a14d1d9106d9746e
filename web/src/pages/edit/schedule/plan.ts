/** What the schedule builder can express. */
export type Plan =
  | { kind: 'interval'; n: number; unit: 'minutes' | 'hours'; minute: number }
  | { kind: 'daily'; time: string }
  | { kind: 'weekly'; days: number[]; time: string }
  | { kind: 'monthly'; day: string; time: string }
  | { kind: 'once'; at: string }
  | { kind: 'every'; duration: string }
  | { kind: 'fields'; fields: Six }

/** Second, minute, hour, day of the month, month, day of the week. */
export type Six = [string, string, string, string, string, string]

export type PlanKind = Plan['kind']

const named: Record<string, string> = {
  '@minutely': '0 * * * * *',
  '@hourly': '0 0 * * * *',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@weekly': '0 0 0 * * 0',
  '@monthly': '0 0 0 1 * *',
  '@annually': '0 0 0 1 1 *',
  '@yearly': '0 0 0 1 1 *',
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** The schedule of a plan. */
export function scheduleOf(plan: Plan): string {
  switch (plan.kind) {
    case 'interval': {
      if (plan.unit === 'minutes') return plan.n === 1 ? '0 * * * * *' : `0 */${plan.n} * * * *`
      return `0 ${plan.minute} ${plan.n === 1 ? '*' : `*/${plan.n}`} * * *`
    }
    case 'daily':
      return `${clock(plan.time)} * * *`
    case 'weekly':
      return `${clock(plan.time)} * * ${listOf(plan.days)}`
    case 'monthly':
      return `${clock(plan.time)} ${plan.day} * *`
    case 'once':
      return `@at ${plan.at}`
    case 'every':
      return `@every ${plan.duration}`
    case 'fields':
      return plan.fields.map(field => field.trim() || '*').join(' ')
  }
}

/** `1-5` for Monday to Friday, `0,3` for single days. */
function listOf(days: readonly number[]): string {
  const runs: number[][] = []
  for (const day of days.toSorted((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run?.at(-1) === day - 1) run.push(day)
    else runs.push([day])
  }
  return runs.map(run => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',')
}

/** The plan of a schedule, or its fields if there is no simpler one. Undefined if the builder can't express it. */
export function planOf(schedule: string): Plan | undefined {
  const text = schedule.trim()
  if (/^@every\s/.test(text)) return { kind: 'every', duration: text.slice(6).trim() }
  if (/^@at\s/.test(text)) return { kind: 'once', at: text.slice(3).trim() }
  const fields = sixOf(named[text.toLowerCase()] ?? text)
  return fields && (simpler(fields) ?? { kind: 'fields', fields })
}

/** Its six fields; a schedule of five begins with the minute. */
function sixOf(text: string): Six | undefined {
  if (/^(@|(CRON_)?TZ=)/.test(text)) return undefined
  const fields = text.split(/\s+/).map(field => (field === '?' ? '*' : field))
  if (fields.length === 5) fields.unshift('0')
  return fields.length === 6 ? (fields as Six) : undefined
}

function simpler([second, minute, hour, day, month, weekday]: Six): Plan | undefined {
  if (month !== '*') return undefined
  const time = timeOf(second, minute, hour)
  if (day === '*' && weekday === '*') return time ? { kind: 'daily', time } : intervalOf(second, minute, hour)
  if (!time) return undefined
  if (day === '*') {
    const days = daysOf(weekday)
    return days && { kind: 'weekly', days, time }
  }
  if (weekday !== '*') return undefined
  return /^([1-9]|[12]\d|3[01]|L)$/.test(day) ? { kind: 'monthly', day, time } : undefined
}

function intervalOf(second: string, minute: string, hour: string): Plan | undefined {
  if (second !== '0') return undefined
  const minutes = stepOf(minute)
  if (minutes && hour === '*') return { kind: 'interval', n: minutes, unit: 'minutes', minute: 0 }
  const hours = stepOf(hour)
  if (!hours || !/^\d{1,2}$/.test(minute)) return undefined
  return { kind: 'interval', n: hours, unit: 'hours', minute: Number(minute) }
}

function stepOf(field: string): number | undefined {
  if (field === '*') return 1
  const step = /^\*\/(\d+)$/.exec(field)?.[1]
  return step ? Number(step) : undefined
}

function daysOf(field: string): number[] | undefined {
  const days = new Set<number>()
  for (const part of field.split(',')) {
    const ends = part.split('-').map(dayOf)
    if (ends.length > 2 || ends.includes(-1)) return undefined
    const [first, last = first] = ends as [number, number?]
    if (first > last) return undefined
    for (let day = first; day <= last; day++) days.add(day)
  }
  return [...days].toSorted((a, b) => a - b)
}

function dayOf(word: string): number {
  return /^[0-6]$/.test(word) ? Number(word) : dayNames.indexOf(word.toLowerCase())
}

const two = (field: string) => field.padStart(2, '0')

/** `03:30` for the fields `0 30 3`, with seconds unless 0. */
function timeOf(second: string, minute: string, hour: string): string | undefined {
  if (![second, minute, hour].every(field => /^\d{1,2}$/.test(field))) return undefined
  return `${two(hour)}:${two(minute)}${Number(second) ? `:${two(second)}` : ''}`
}

function clock(time: string): string {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number)
  return `${second} ${minute} ${hour}`
}

/** Common schedules. */
export const presets: readonly { label: string; schedule: string }[] = [
  { label: 'Every minute', schedule: '0 * * * * *' },
  { label: 'Every 5 minutes', schedule: '0 */5 * * * *' },
  { label: 'Every hour', schedule: '0 0 * * * *' },
  { label: 'Every night at 03:30', schedule: '0 30 3 * * *' },
  { label: 'Weekdays at 09:00', schedule: '0 0 9 * * 1-5' },
  { label: 'Sunday at midnight', schedule: '0 0 0 * * 0' },
  { label: 'First of the month', schedule: '0 0 6 1 * *' },
  { label: 'Last day of the month', schedule: '0 0 18 L * *' },
  { label: 'Once a day, spread out', schedule: '0 ~ ~ * * *' },
]
