import { expect, test } from 'vitest'
import { lanesOf } from './lanes'

const spans = (...pairs: [number, number][]) => pairs.map(([start, end]) => ({ start, end }))

test('spans that do not overlap share a lane', () => {
  expect(lanesOf(spans([0, 5], [5, 9], [20, 30]))).toEqual({ lane: [0, 0, 0], count: 1 })
})

test('overlapping spans get lanes of their own, and free lanes are reused', () => {
  expect(lanesOf(spans([0, 10], [2, 4], [3, 20], [5, 6], [11, 12]))).toEqual({ lane: [0, 1, 2, 1, 0], count: 3 })
})

test('a running span overlaps all later ones', () => {
  expect(lanesOf(spans([0, Infinity], [50, 60])).lane).toEqual([0, 1])
})

test('marks at the same instant are stacked', () => {
  expect(lanesOf(spans([7, 7], [7, 7], [8, 8])).lane).toEqual([0, 1, 0])
})

test('a row without anything has one lane', () => {
  expect(lanesOf([])).toEqual({ lane: [], count: 1 })
})
