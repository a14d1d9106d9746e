import { expect, test } from 'vitest'
import type { Entry } from './entry'
import { dueIn, heightOf, laneTop, rowAt, rowsBetween, rowsOf, within } from './rows'

const entry = (job: string, node: string, start: number, end: number, kind: Entry['kind'] = 'ran'): Entry => ({
  key: `${job}${start}`,
  kind,
  job,
  node,
  start,
  end,
})

test('rows by job are in the order of names, their entries in the order of time', () => {
  const rows = rowsOf([entry('b', 'n', 5, 6), entry('a', 'n', 9, 9), entry('b', 'n', 1, 2)], 'job')
  expect(rows.map(r => r.name)).toEqual(['a', 'b'])
  expect(rows[1]!.entries.map(e => e.start)).toEqual([1, 5])
})

test('rows by node include idle nodes, and the row without a node is last', () => {
  const rows = rowsOf([entry('a', '', 1, 1), entry('a', 'n2', 1, 2)], 'node', { names: ['n1', 'n2'] })
  expect(rows.map(r => [r.name, r.entries.length])).toEqual([
    ['n1', 0],
    ['n2', 1],
    ['', 1],
  ])
})

test('overlaps make a row higher', () => {
  const [calm, crowded] = rowsOf(
    [entry('a', 'n', 0, 9), ...Array.from({ length: 5 }, (_, i) => entry('b', 'n', i, 20))],
    'job',
  )
  expect(calm!.lanes).toBe(1)
  expect(crowded!.lanes).toBe(5)
  expect(crowded!.height).toBeGreaterThan(calm!.height)
  expect(laneTop(crowded!, 4)).toBeLessThan(crowded!.height)
})

test('running entries do not push due times aside', () => {
  const [row] = rowsOf([entry('a', 'n', 0, Infinity), entry('a', 'n', 50, 50, 'due')], 'job')
  expect(row!.lanes).toBe(1)
})

test('a row does not grow without end', () => {
  const [row] = rowsOf(
    Array.from({ length: 100 }, (_, i) => entry('a', 'n', i, 1000)),
    'job',
  )
  expect(row!.lanes).toBeLessThan(20)
  expect(Math.max(...row!.lane)).toBe(row!.lanes - 1)
})

test('finds rows by height', () => {
  const rows = rowsOf(
    Array.from({ length: 1000 }, (_, i) => entry(`job-${String(i).padStart(4, '0')}`, 'n', 0, 1)),
    'job',
  )
  const height = heightOf(rows)
  expect(height).toBe(rows.length * rows[0]!.height)
  expect(rowAt(rows, 0)).toBe(0)
  expect(rowAt(rows, height - 1)).toBe(999)
  expect(rowAt(rows, height)).toBeUndefined()
  expect(rowAt([], 0)).toBeUndefined()
  expect(rowsBetween(rows, rows[10]!.top, rows[20]!.top).map(r => r.name)).toEqual(rows.slice(10, 20).map(r => r.name))
  expect(rowsBetween([], 0, 100)).toEqual([])
})

test('on a phone a row has place for a name of two lines', () => {
  const [row] = rowsOf([entry('a', 'n', 0, 5)], 'job', { phone: true })
  expect(row!.height).toBe(48)
})

test('finds the entries in a view, including those that span it', () => {
  const [row] = rowsOf([entry('a', 'n', 0, 5), entry('a', 'n', 1, Infinity), entry('a', 'n', 30, 31)], 'job')
  expect(within(row!, { from: 10, to: 20 }).map(e => e.start)).toEqual([1])
})

test('counts what is due in a view, of a band its share', () => {
  const band = { ...entry('a', 'n', 0, 100, 'due'), times: 11, every: 10 }
  const [row] = rowsOf([band, entry('a', 'n', 60, 60, 'due'), entry('a', 'n', 200, 200, 'due')], 'job')
  expect(dueIn(row!, { from: 0, to: 100 }, 0)).toBe(12)
  expect(dueIn(row!, { from: 0, to: 100 }, 50)).toBe(7)
  expect(dueIn(row!, { from: 150, to: 300 }, 50)).toBe(1)
})
