import { describe, expect, it } from 'vitest'
import { bytes, counted, percent } from './size'
import { clockTime, distance, shortTime, took } from './time'

const at = new Date('2026-03-29T01:30:00Z')

describe('words for times and sizes', () => {
  it('say how far away a time is', () => {
    const now = at.getTime()
    expect(distance(new Date(now - 400), now)).toBe('now')
    expect(distance(new Date(now + 59_000), now)).toBe('in 59 s')
    expect(distance(new Date(now - 61_000), now)).toBe('1 min ago')
    expect(distance(new Date(now - 26 * 3600_000), now)).toBe('26 h ago')
    expect(distance(new Date(now + 5 * 86_400_000), now)).toBe('in 5 d')
  })

  it('say how long something took', () => {
    expect(took(85)).toBe('85 ms')
    expect(took(1234)).toBe('1.2 s')
    expect(took(59_400)).toBe('59 s')
    expect(took(200_000)).toBe('3 min 20 s')
    expect([999.6, 9960, 59_600, 3_599_600].map(took)).toEqual(['1.0 s', '10 s', '1 min', '1 h'])
    expect(took(7_200_000)).toBe('2 h')
    expect(took(3 * 86_400_000 + 3_600_000)).toBe('3 d 1 h')
  })

  it('show the clock of a zone, also after a clock change', () => {
    expect(clockTime(at, 'Europe/Berlin')).toBe('2026-03-29 03:30:00')
    expect(clockTime(at, 'UTC')).toBe('2026-03-29 01:30:00')
  })

  it('leave out the day if it is today', () => {
    expect(shortTime(at, at.getTime() + 1000, 'UTC')).toBe('01:30:00')
    expect(shortTime(at, at.getTime() + 86_400_000, 'UTC')).toBe('2026-03-29 01:30')
  })

  it('count and measure', () => {
    expect(counted(1, 'job')).toBe('1 job')
    expect(counted(1200, 'job')).toBe('1,200 jobs')
    expect(bytes(312)).toBe('312 B')
    expect(bytes(10 * 1024 * 1024)).toBe('10 MiB')
  })

  it('never round a share to all or none', () => {
    expect(percent(1)).toBe('100 %')
    expect(percent(0.9999)).toBe('99.9 %')
    expect(percent(0.0001)).toBe('0.1 %')
    expect(percent(0.5)).toBe('50 %')
  })
})
