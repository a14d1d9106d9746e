import { describe, expect, it } from 'vitest'
import { labelled, niceStep, niceTicks } from './scale'

describe('the scale of a chart', () => {
  it('has steps of 1, 2 or 5', () => {
    expect(niceStep(100, 4)).toBe(50)
    expect(niceStep(80, 4)).toBe(20)
    expect(niceStep(3, 4)).toBe(1)
    expect(niceStep(0.9, 4)).toBeCloseTo(0.5)
  })

  it('reaches above the largest value and begins at 0', () => {
    expect(niceTicks(73, 4)).toEqual([0, 20, 40, 60, 80])
    expect(niceTicks(0, 4, true)).toEqual([0, 1])
    expect(niceTicks(2, 4, true)).toEqual([0, 1, 2])
  })

  it('labels the last mark and not too many', () => {
    expect(labelled(10, 5)).toEqual([1, 3, 5, 7, 9])
    expect(labelled(3, 5)).toEqual([0, 1, 2])
    expect(labelled(0, 5)).toEqual([])
  })
})
