import { expect, test } from 'vitest'
import type { Entry } from './entry'
import { entryAt, hit, stepFrom } from './hit'
import { laneTop, rowsOf } from './rows'

const ran = (job: string, start: number, end: number): Entry => ({ key: '', kind: 'ran', job, node: 'n', start, end })
const rows = rowsOf([ran('a', 100, 200), ran('a', 150, 300), ran('b', 500, Infinity)], 'job')
const view = { from: 0, to: 1000 }
const at = (x: number, y: number) => hit(rows, view, 1000, 600, x, y)

test('finds the bar in its lane', () => {
  const [a] = rows
  expect(at(160, laneTop(a!, 0) + 2)).toEqual({ row: 0, index: 0 })
  expect(at(160, laneTop(a!, 1) + 2)).toEqual({ row: 0, index: 1 })
})

test('a little beside a bar still means it, far away does not', () => {
  expect(at(304, rows[0]!.height - 8)).toEqual({ row: 0, index: 1 })
  expect(at(400, 10)).toBeUndefined()
  expect(at(160, 9999)).toBeUndefined()
})

test('what runs reaches to now', () => {
  expect(entryAt(rows, at(599, rows[1]!.top + 17))?.job).toBe('b')
  expect(at(650, rows[1]!.top + 17)).toBeUndefined()
})

test('steps from entry to entry, and begins at a time', () => {
  const [a] = rows
  expect(stepFrom(a!, 0, 0, 1)).toBe(1)
  expect(stepFrom(a!, 1, 0, 1)).toBeUndefined()
  expect(stepFrom(a!, undefined, 120, 1)).toBe(1)
  expect(stepFrom(a!, undefined, 120, -1)).toBe(0)
  expect(stepFrom(a!, undefined, 999, -1)).toBe(1)
})
