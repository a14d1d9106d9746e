import { expect, test } from 'vitest'
import { busiest, deepest, heatRows, levelOf, levelsOf, typical } from './heat'
import { minute } from './scale'

const from = Date.parse('2026-11-24T10:25:00Z')
const day = Array.from({ length: 1440 }, (_, i) => i)

test('rows begin with the full hours of the zone', () => {
  const rows = heatRows(from, day, 'UTC')
  expect(rows).toHaveLength(25)
  expect(rows[0]!.label).toBe('10:00')
  expect(rows[0]!.counts.slice(24, 27)).toEqual([null, 0, 1])
  expect(rows[1]!.counts[0]).toBe(35)
  expect(rows[24]!.counts.slice(23, 26)).toEqual([1438, 1439, null])
})

test('a zone half an hour off has its own full hours', () => {
  const rows = heatRows(from, day, 'Asia/Kolkata')
  expect(rows[0]!.label).toBe('15:00')
  expect(rows[0]!.counts[55]).toBe(0)
})

test('a day that begins with an hour has a row for each', () => {
  expect(heatRows(Date.parse('2026-11-24T10:00:00Z'), day, 'UTC')).toHaveLength(24)
})

test('levels grow and end with the highest', () => {
  const levels = levelsOf([0, 1, 2, 3, 40, 1000])
  expect(levels[0]).toBe(1)
  expect(levels.at(-1)).toBe(1000)
  expect(levels).toHaveLength(6)
  expect(levels).toEqual(levels.toSorted((a, b) => a - b))
})

test('few different counts have few levels, that still use the depth', () => {
  const levels = levelsOf([0, 23, 24, 25])
  expect(levels).toEqual([23, 24, 25])
  expect([0, 1, 23, 24, 25].map(n => levelOf(n, levels))).toEqual([0, 1, 1, 4, deepest])
})

test('equal counts have the same level', () => {
  expect(levelOf(7, levelsOf([7, 7, 0]))).toBe(2)
  expect(levelsOf([0, 0])).toEqual([])
})

test('finds the busiest minutes and the typical one', () => {
  const counts = [3, 9, 3, 9, 0, 3]
  expect(busiest(from, counts, 3)).toEqual([
    { at: from + minute, count: 9 },
    { at: from + 3 * minute, count: 9 },
    { at: from, count: 3 },
  ])
  expect(typical(counts)).toBe(3)
})
