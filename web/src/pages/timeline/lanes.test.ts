import { expect, test } from 'vitest'
import { lanesOf } from './lanes'

const spans = (...pairs: [number, number][]) => pairs.map(([start, end]) => ({ start, end }))

test('what does not overlap shares a lane', () => {
  expect(lanesOf(spans([0, 5], [5, 9], [20, 30]))).toEqual({ lane: [0, 0, 0], count: 1 })
})

test('what overlaps lies in lanes of its own, and a free one is used again', () => {
  expect(lanesOf(spans([0, 10], [2, 4], [3, 20], [5, 6], [11, 12]))).toEqual({ lane: [0, 1, 2, 1, 0], count: 3 })
})

test('what runs still overlaps with all that comes', () => {
  expect(lanesOf(spans([0, Infinity], [50, 60])).lane).toEqual([0, 1])
})

test('marks at the same instant are stacked', () => {
  expect(lanesOf(spans([7, 7], [7, 7], [8, 8])).lane).toEqual([0, 1, 0])
})

test('a row without anything has one lane', () => {
  expect(lanesOf([])).toEqual({ lane: [], count: 1 })
})
