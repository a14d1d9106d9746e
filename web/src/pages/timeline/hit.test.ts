import { expect, test } from 'vitest'
import type { Entry } from './entry'
import { choiceAt, entryOf, hit, nearest, stepFrom } from './hit'
import { laneTop, rowsOf } from './rows'

const ran = (job: string, start: number, end: number): Entry => ({
  key: `${start}`,
  kind: 'ran',
  job,
  node: 'n',
  start,
  end,
})
const rows = rowsOf([ran('a', 100, 200), ran('a', 150, 300), ran('b', 500, Infinity)], 'job')
const view = { from: 0, to: 1000 }
const at = (x: number, y: number) => hit(rows, view, 1000, 600, x, y)

test('finds the bar in its lane', () => {
  const [a] = rows
  expect(at(160, laneTop(a!, 0) + 2)).toEqual({ row: 0, index: 0 })
  expect(at(160, laneTop(a!, 1) + 2)).toEqual({ row: 0, index: 1 })
})

test('close to a bar still hits it, far away does not', () => {
  expect(at(304, rows[0]!.height - 8)).toEqual({ row: 0, index: 1 })
  expect(at(400, 10)).toBeUndefined()
  expect(at(160, 9999)).toBeUndefined()
})

test('a running entry extends to now', () => {
  expect(entryOf(rows, choiceAt(rows, at(599, rows[1]!.top + 17)))?.job).toBe('b')
  expect(at(650, rows[1]!.top + 17)).toBeUndefined()
})

test('steps from entry to entry, and begins with the nearest that is in view', () => {
  const [a] = rows
  expect(stepFrom(a!, 0, 1)).toBe(1)
  expect(stepFrom(a!, 1, 1)).toBeUndefined()
  expect(nearest(a!, 120, view)).toBe(0)
  expect(nearest(a!, 999, view)).toBe(1)
  expect(nearest(a!, 999, { from: 900, to: 1000 })).toBeUndefined()
})

test('the selection stays when earlier entries and rows arrive', () => {
  const choice = choiceAt(rows, { row: 1, index: 0 })
  const later = rowsOf([ran('0', 1, 2), ran('b', 1, 2), ran('b', 500, 600)], 'job')
  expect(entryOf(later, choice)?.start).toBe(500)
  expect(entryOf([], choice)).toBeUndefined()
  expect(choiceAt(rows, undefined)).toBeUndefined()
})
