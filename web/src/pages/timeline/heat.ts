import { clockTime } from '@/ui/time'
import { hour, minute } from './scale'
import { offsetAt } from './ticks'

/** An hour of the heat map in the reader's zone; minutes outside the counts are null. */
export interface HeatRow {
  at: number
  label: string
  counts: (number | null)[]
}

/** The counts per minute from `from` on, in rows that start at full hours of the zone. */
export function heatRows(from: number, counts: readonly number[], zone?: string): HeatRow[] {
  const rows: HeatRow[] = []
  const end = from + counts.length * minute
  const into = (from + offsetAt(from, zone)) % hour
  for (let at = from - into; at < end; at += hour) {
    const first = (at - from) / minute
    rows.push({
      at,
      label: clockTime(new Date(Math.max(at, from)), zone).slice(11, 14) + '00',
      counts: Array.from({ length: 60 }, (_, m) => counts[first + m] ?? null),
    })
  }
  return rows
}

export const deepest = 6 // levels of colour, besides none

/**
 * The lowest count of each colour level, in growing steps from a low percentile to the maximum. Counts below the first
 * have the first colour too: only 0 has none.
 */
export function levelsOf(counts: readonly number[]): number[] {
  const some = counts.filter(n => n > 0).toSorted((a, b) => a - b)
  if (some.length === 0) return []
  const low = some[Math.floor(some.length * 0.05)]!
  const high = some.at(-1)!
  const starts = Array.from({ length: deepest }, (_, i) => Math.round(low * (high / low) ** (i / (deepest - 1))))
  return [...new Set(starts)]
}

/** The colour level of a count: 0 is none, `deepest` is the maximum, however many levels there are. */
export function levelOf(n: number, levels: readonly number[]): number {
  if (n === 0) return 0
  if (levels.length < 2) return 2
  const above = Math.max(levels.filter(start => start <= n).length, 1)
  return Math.round(1 + ((above - 1) * (deepest - 1)) / (levels.length - 1))
}

interface Busy {
  at: number
  count: number
}

/** The busiest minutes, highest first, then earliest. */
export function busiest(from: number, counts: readonly number[], most: number): Busy[] {
  return counts
    .map((count, i) => ({ at: from + i * minute, count }))
    .filter(b => b.count > 0)
    .toSorted((a, b) => b.count - a.count || a.at - b.at)
    .slice(0, most)
}

/** The median of the counts. */
export function typical(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
