import { describe, expect, it } from 'vitest'
import { dstWords, wallTime, wallTimeIn } from './wall'

it('reads a wall clock as it is written', () => {
  expect(wallTime('2026-10-25T02:30:00+02:00')).toBe('Sun 2026-10-25 02:30:00')
})

it('shows an instant in another zone, with its own day', () => {
  expect(wallTimeIn('2026-11-24T22:30:00Z', 'Asia/Tokyo')).toBe('Wed 2026-11-25 07:30:00')
})

describe('dstWords', () => {
  const at = '2026-10-25T00:30:00Z'

  it('explains what the clocks do', () => {
    expect(dstWords({ at, local: '2026-10-25T02:30:00+02:00', dst: 'overlap-first' })).toContain('02:30 twice')
    expect(dstWords({ at, local: '2026-10-25T02:30:00+01:00', dst: 'overlap-second' })).toContain('the second')
    expect(dstWords({ at, local: '2026-03-29T03:00:00+02:00', dst: 'gap' })).toContain('right after, at 03:00')
  })

  it('is silent on other days', () => {
    expect(dstWords({ at, local: '2026-10-25T02:30:00+02:00', dst: '' })).toBe('')
  })
})
