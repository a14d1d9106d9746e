import { describe, expect, it } from 'vitest'
import { fleetJobs } from '../../../../e2e/fleet'
import { planOf, presets, scheduleOf, type Plan } from './plan'
import { instantOf, wallOf } from '@/ui/localTime'

const plans: Plan[] = [
  { kind: 'interval', n: 1, unit: 'minutes', minute: 0 },
  { kind: 'interval', n: 5, unit: 'minutes', minute: 0 },
  { kind: 'interval', n: 1, unit: 'hours', minute: 15 },
  { kind: 'interval', n: 6, unit: 'hours', minute: 0 },
  { kind: 'daily', time: '03:30' },
  { kind: 'daily', time: '23:59:07' },
  { kind: 'weekly', days: [0, 3, 6], time: '09:00' },
  { kind: 'monthly', day: 'L', time: '18:00' },
  { kind: 'monthly', day: '31', time: '00:00' },
  { kind: 'once', at: '2030-01-31T12:00:00Z' },
  { kind: 'every', duration: '1h30m' },
  { kind: 'fields', fields: ['0', '0-30/10', '~', 'LW', '1,6', 'mon#2'] },
]

describe('the builder', () => {
  it.each(plans)('reads what it writes: $kind', plan => {
    expect(planOf(scheduleOf(plan))).toEqual(plan)
  })

  const schedules = [...presets, ...fleetJobs].flatMap(each => ('schedule' in each ? each.schedule : []))

  it.each(schedules.filter(planOf))('keeps %s as it is', schedule => {
    expect(scheduleOf(planOf(schedule)!)).toBe(schedule)
  })

  it.each([
    ['@hourly', { kind: 'interval', n: 1, unit: 'hours', minute: 0 }],
    ['30 3 * * *', { kind: 'daily', time: '03:30' }],
    ['0 0 9 ? * MON-FRI', { kind: 'weekly', days: [1, 2, 3, 4, 5], time: '09:00' }],
    ['0 0 9 * * sun,5-6', { kind: 'weekly', days: [0, 5, 6], time: '09:00' }],
    ['0 0 9 * * 5L', { kind: 'fields', fields: ['0', '0', '9', '*', '*', '5L'] }],
    ['@manually', undefined],
    ['TZ=Asia/Tokyo 0 0 9 * * *', undefined],
    ['what', undefined],
  ])('understands %s', (schedule, plan) => {
    expect(planOf(schedule)).toEqual(plan)
  })
})

describe('local times', () => {
  it.each([
    ['2026-10-25T02:30:00', '2026-10-25T00:30:00Z'], // twice: the first
    ['2026-03-29T02:30:00', '2026-03-29T01:30:00Z'], // skipped: right after
    ['2026-07-01T12:00', '2026-07-01T10:00:00Z'],
    ['', ''],
  ])('%s in Berlin is %s', (wall, instant) => {
    expect(instantOf(wall, 'Europe/Berlin')).toBe(instant)
  })

  it('come back', () => {
    expect(wallOf('2026-07-01T10:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T12:00:00')
    expect(wallOf('2026-07-01T10:00', 'UTC')).toBe('2026-07-01T10:00:00')
    expect(wallOf('soon', 'UTC')).toBe('')
  })
})
