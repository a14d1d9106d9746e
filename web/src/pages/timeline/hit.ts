import { endOf, type Entry } from './entry'
import { laneHeight, laneTop, rowAt, type Row } from './rows'
import { xOf, type View } from './scale'

/** An entry by row and index. */
interface Spot {
  row: number
  index: number
}

const reach = 6 // pixels next to a bar that still hit it

/** The entry at a position; the nearest if there are several. */
export function hit(
  rows: readonly Row[],
  view: View,
  width: number,
  now: number,
  x: number,
  y: number,
): Spot | undefined {
  const at = rowAt(rows, y)
  if (at === undefined) return undefined
  const row = rows[at]!
  const height = laneHeight(row)
  let best: Spot | undefined
  let least = Infinity
  row.entries.forEach((entry, index) => {
    const sideways = gap(x, xOf(view, width, entry.start), xOf(view, width, endOf(entry, now)))
    if (sideways > reach) return
    const top = row.top + laneTop(row, row.lane[index]!)
    const far = sideways + 2 * gap(y, top, top + height)
    if (far >= least) return
    least = far
    best = { row: at, index }
  })
  return best
}

const gap = (n: number, from: number, to: number) => Math.max(from - n, n - to, 0)

/** The next or previous entry of a row. */
export const stepFrom = (row: Row, from: number, by: 1 | -1): number | undefined =>
  row.entries[from + by] ? from + by : undefined

/** The entry of a row that is in view and starts nearest to a time. */
export function nearest(row: Row, time: number, view: View): number | undefined {
  let best: number | undefined
  row.entries.forEach((entry, i) => {
    if (entry.start < view.from || entry.start > view.to) return
    const least = best === undefined ? Infinity : Math.abs(row.entries[best]!.start - time)
    if (Math.abs(entry.start - time) < least) best = i
  })
  return best
}

/** The selected entry by names: positions change when new data is loaded. */
export interface Choice {
  row: string
  key?: string
}

export const choiceAt = (rows: readonly Row[], spot: Spot | undefined): Choice | undefined =>
  spot && { row: rows[spot.row]!.name, key: rows[spot.row]!.entries[spot.index]?.key }

export const entryOf = (rows: readonly Row[], choice: Choice | undefined): Entry | undefined =>
  choice?.key === undefined ? undefined : rows.find(r => r.name === choice.row)?.entries.find(e => e.key === choice.key)
