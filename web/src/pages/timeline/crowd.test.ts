import { expect, test } from 'vitest'
import { columnsOf, firing, firingOn, peakOf, running } from './crowd'
import type { Entry } from './entry'
import { minute } from './scale'

const ran = (start: number, end: number): Entry => ({ key: `${start}`, kind: 'ran', job: 'a', node: 'n', start, end })
const due = (start: number, job = 'a', node = ''): Entry => ({ key: '', kind: 'due', job, node, start, end: start })

test('counts what runs at the same time', () => {
  expect(running([ran(0, 10), ran(5, 20), ran(10, 12)], 99)).toEqual([
    { at: 0, count: 1 },
    { at: 5, count: 2 },
    { at: 10, count: 2 },
    { at: 12, count: 1 },
    { at: 20, count: 0 },
  ])
})

test('what runs still runs until now', () => {
  expect(running([ran(10, Infinity)], 50)).toEqual([
    { at: 10, count: 1 },
    { at: 50, count: 0 },
  ])
})

test('only executions run', () => {
  expect(running([due(5)], 99)).toEqual([])
})

test('counts a due time once, on however many nodes', () => {
  const at = 10 * minute
  expect(firing([due(at + 3, 'a', 'n1'), due(at + 3, 'a', 'n2'), due(at + 4), due(at, 'b'), due(at + minute)])).toEqual(
    [
      { at, count: 3 },
      { at: at + minute, count: 1 },
    ],
  )
})

test('finds the peak within a view', () => {
  const steps = running([ran(0, 10), ran(2, 4), ran(3, 4), ran(20, 30), ran(22, 24)], 99)
  expect(peakOf(steps, { from: 0, to: 100 })).toEqual({ at: 3, count: 3 })
  expect(peakOf(steps, { from: 15, to: 100 })).toEqual({ at: 22, count: 2 })
  expect(peakOf(steps, { from: 5, to: 8 })).toEqual({ at: 5, count: 1 })
  expect(peakOf(steps, { from: 50, to: 100 })).toBeUndefined()
})

test('a short peak is not lost in a wide column', () => {
  const steps = running([ran(0, 100), ran(31, 32)], 999)
  expect(columnsOf(steps, { from: 0, to: 100 }, 4)).toEqual([1, 2, 1, 1])
})

test('a count of a minute ends with the minute', () => {
  const steps = [{ at: 0, count: 5 }]
  expect(columnsOf(steps, { from: 0, to: 4 * minute }, 4, minute)).toEqual([5, 0, 0, 0])
})

test('counts replace listed due times where there are some', () => {
  const listed = [
    { at: 0, count: 5 },
    { at: minute, count: 1 },
    { at: 3 * minute, count: 4 },
  ]
  expect(firingOn(listed, { from: minute, counts: [8, 0] })).toEqual([
    { at: 0, count: 5 },
    { at: minute, count: 8 },
    { at: 3 * minute, count: 4 },
  ])
})

test('the due times of a band are spread over its minutes', () => {
  const band: Entry = { ...due(0), end: 3 * minute - 1, times: 180, every: 1000 }
  expect(firing([band, { ...band, node: 'n2' }, due(minute, 'b')])).toEqual([
    { at: 0, count: 60 },
    { at: minute, count: 61 },
    { at: 2 * minute, count: 60 },
  ])
})
