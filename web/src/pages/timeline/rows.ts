import type { Entry } from './entry'
import { lanesOf } from './lanes'
import type { View } from './scale'

/** A job or a node with its entries. */
export interface Row {
  /** The name of the job or node; empty for entries without a node. */
  name: string
  /** What is shown for it: of a job, its display name if it has one. */
  label: string
  /** By start. */
  entries: Entry[]
  /** The lane of each entry. */
  lane: number[]
  lanes: number
  top: number
  height: number
}

const padding = 5
const least = 34 // a row has a name and counts, a line each
const leastOnPhone = 48 // a name may have two lines there
const mostLanes = 14 // further spans share the last

const laneHeights = [16, 16, 16, 12, 12, 12] // by number of lanes; beyond, the minimum
const leastLane = 8

export const laneHeight = (row: Row) => laneHeights[row.lanes - 1] ?? leastLane
/** Where the lanes of a row begin, below its top. */
export const laneTop = (row: Row, lane: number) =>
  (row.height - row.lanes * laneHeight(row)) / 2 + lane * laneHeight(row)

interface Choice {
  /** Rows to show even if they have no entries. */
  names?: readonly string[]
  phone?: boolean
}

/** Rows by label. */
export function rowsOf(entries: readonly Entry[], by: 'job' | 'node', { names = [], phone }: Choice = {}): Row[] {
  const groups = new Map<string, Entry[]>(names.map(name => [name, []]))
  for (const entry of entries) {
    const name = entry[by]
    const group = groups.get(name)
    if (group) group.push(entry)
    else groups.set(name, [entry])
  }
  let top = 0
  const labelled = [...groups].map(([name, group]) => ({ name, group, label: labelOf(name, group, by) }))
  return labelled.toSorted(byLabel).map(({ name, group, label }) => {
    const row = rowOf(name, label, group, top, phone ? leastOnPhone : least)
    top += row.height
    return row
  })
}

const labelOf = (name: string, entries: Entry[], by: 'job' | 'node') =>
  (by === 'job' && entries.find(e => e.displayname)?.displayname) || name

const { compare } = new Intl.Collator('en', { numeric: true })

type Named = Pick<Row, 'name' | 'label'>

// The row without a node is last.
const byLabel = ({ label: a, name: one }: Named, { label: b, name: other }: Named) =>
  a === '' || b === '' ? (a === b ? 0 : a === '' ? 1 : -1) : compare(a, b) || compare(one, other)

function rowOf(name: string, label: string, entries: Entry[], top: number, lowest: number): Row {
  entries.sort((a, b) => a.start - b.start)
  // Due times are after now, where running entries end: they do not overlap.
  const past = lanesOf(entries.filter(e => e.kind !== 'due'))
  const future = lanesOf(entries.filter(e => e.kind === 'due'))
  let p = 0
  let f = 0
  const lane = entries.map(e => Math.min(e.kind === 'due' ? future.lane[f++]! : past.lane[p++]!, mostLanes - 1))
  const lanes = Math.min(Math.max(past.count, future.count), mostLanes)
  const row: Row = { name, label, entries, lane, lanes, top, height: 0 }
  row.height = Math.max(lowest, lanes * laneHeight(row) + 2 * padding)
  return row
}

export const heightOf = (rows: readonly Row[]) => (rows.at(-1)?.top ?? 0) + (rows.at(-1)?.height ?? 0)

/** The row at a height; undefined below the last. */
export function rowAt(rows: readonly Row[], y: number): number | undefined {
  let low = 0
  let high = rows.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (rows[middle]!.top <= y) low = middle
    else high = middle - 1
  }
  const row = rows[low]
  return row && y >= row.top && y < row.top + row.height ? low : undefined
}

/** The rows between two heights. */
export function rowsBetween(rows: readonly Row[], from: number, to: number): Row[] {
  const first = rowAt(rows, Math.max(from, 0)) ?? 0
  let last = first
  while (last < rows.length && rows[last]!.top < to) last++
  return rows.slice(first, last)
}

/** How many due times of a row are in a view and not before now; of a band, its share. */
export function dueIn(row: Row, view: View, now: number): number {
  const from = Math.max(view.from, now)
  let sum = 0
  for (const e of row.entries) {
    if (e.kind !== 'due' || e.start > view.to || e.end < from) continue
    const inside = Math.min(e.end, view.to) - Math.max(e.start, from)
    sum += e.times ? Math.floor(inside / e.every!) + 1 : 1
  }
  return sum
}

/** What of a row lies in a view. */
export const within = (row: Row, view: View) => row.entries.filter(e => e.start <= view.to && e.end >= view.from)
