import { endOf, type Entry } from './entry'
import { laneHeight, laneTop, rowAt, type Row } from './rows'
import { xOf, type View } from './scale'

/** An entry by its place: which row, and which of its entries. */
export interface Spot {
  row: number
  index: number
}

const reach = 6 // pixels beside a bar that still mean it

/** What is drawn at a place; the nearest, if several are. */
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
    const sideways = beside(x, xOf(view, width, entry.start), xOf(view, width, endOf(entry, now)))
    if (sideways > reach) return
    const top = row.top + laneTop(row, row.lane[index]!)
    const far = sideways + 2 * beside(y, top, top + height)
    if (far >= least) return
    least = far
    best = { row: at, index }
  })
  return best
}

const beside = (n: number, from: number, to: number) => Math.max(from - n, n - to, 0)

/** The next or previous entry of a row, seen from one of them or else from a time. */
export function stepFrom(row: Row, from: number | undefined, time: number, by: 1 | -1): number | undefined {
  if (from !== undefined) return row.entries[from + by] ? from + by : undefined
  const next = row.entries.findIndex(e => e.start >= time)
  const index = by > 0 ? next : (next < 0 ? row.entries.length : next) - 1
  return row.entries[index] ? index : undefined
}

export const entryAt = (rows: readonly Row[], spot: Spot | undefined): Entry | undefined =>
  spot && rows[spot.row]?.entries[spot.index]
