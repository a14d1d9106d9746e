import { timeOf } from '@/api/client'
import { openStates, type Launch } from '@/api/launches'
import { clockTime } from '@/ui/time'

/** Launches of one day, or those that have not ended. */
interface Day {
  /** `Now`, `Today`, `Yesterday`, or a date. */
  title: string
  launches: Launch[]
}

/** Launches grouped by the day they ended in a zone, in the given order: the server lists open ones first. */
export function daysOf(launches: readonly Launch[], now: number, zone?: string): Day[] {
  const days = new Map<string, Day>()
  for (const launch of launches) {
    const title = titleOf(launch, now, zone)
    const day = days.get(title) ?? { title, launches: [] }
    day.launches.push(launch)
    days.set(title, day)
  }
  return [...days.values()]
}

const dateOf = (at: Date, zone?: string) => clockTime(at, zone).slice(0, 10)

function titleOf(launch: Launch, now: number, zone?: string): string {
  const ended = timeOf(launch.ended_at)
  if (!ended || openStates.includes(launch.state)) return 'Now'
  const date = dateOf(ended, zone)
  if (date === dateOf(new Date(now), zone)) return 'Today'
  if (date === dateOf(new Date(now - 86_400_000), zone)) return 'Yesterday'
  const day = new Date(`${date}T00:00:00Z`)
  return day.toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}
