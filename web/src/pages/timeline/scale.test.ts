import { expect, test } from 'vitest'
import { day, hour, minute, pan, presets, spanOf, timeAt, viewOf, windowOf, xOf, zoom } from './scale'

const now = Date.UTC(2026, 10, 24, 12)

test('without a time the view follows the present and shows some of what comes', () => {
  const v = viewOf(undefined, hour, now)
  expect(spanOf(v)).toBe(hour)
  expect(v.from).toBeLessThan(now)
  expect(v.to).toBeGreaterThan(now + 15 * minute)
})

test('places and times convert into each other', () => {
  const v = viewOf(now, hour, 0)
  expect(xOf(v, 1000, now)).toBe(500)
  expect(timeAt(v, 1000, 500)).toBe(now)
})

test('zoom keeps the time under the pointer and stays within bounds', () => {
  const v = viewOf(now, hour, 0)
  const near = zoom(v, 0.5, 0.25, minute, day)
  expect(spanOf(near)).toBe(hour / 2)
  expect(timeAt(near, 1000, 250)).toBe(timeAt(v, 1000, 250))
  expect(spanOf(zoom(v, 1e-9, 0.5, minute, day))).toBe(minute)
  expect(spanOf(zoom(v, 1e9, 0.5, minute, day))).toBe(day)
})

test('pan moves by a share of the span', () => {
  expect(pan(viewOf(now, hour, 0), 0.5).from).toBe(now)
})

test('the window holds the view and stays for little moves', () => {
  for (const { span } of presets) {
    const v = viewOf(now, span, 0)
    const w = windowOf(v)
    expect(w.from).toBeLessThan(v.from)
    expect(w.to).toBeGreaterThan(v.to)
    expect(spanOf(w)).toBeLessThan(5 * span)
    const moved = Array.from({ length: 10 }, (_, i) => windowOf(pan(v, i / 100)).from)
    expect(new Set(moved).size).toBeLessThanOrEqual(2)
  }
})
