import { expect, test } from 'vitest'
import { dayName, offsetAt, stepOf, ticksOf } from './ticks'
import { day, hour, minute, second } from './scale'

const view = (from: string, span: number) => ({ from: Date.parse(from), to: Date.parse(from) + span })
const labels = (from: string, span: number, most: number, zone: string) =>
  ticksOf(view(from, span), most, zone).map(t => t.label)

test('steps are the ones that people count in', () => {
  expect(stepOf(hour, 12)).toBe(5 * minute)
  expect(stepOf(day, 10)).toBe(3 * hour)
  expect(stepOf(minute, 7)).toBe(10 * second)
  expect(stepOf(100 * day, 3)).toBe(7 * day)
})

test('lines are at round times of the zone, not of UTC', () => {
  expect(labels('2026-11-24T10:07:00Z', hour, 5, 'UTC')).toEqual(['10:15', '10:30', '10:45', '11:00'])
  expect(labels('2026-11-24T10:00:00Z', 6 * hour, 6, 'Asia/Kolkata').slice(0, 2)).toEqual(['16:00', '17:00'])
})

test('seconds are shown if they matter', () => {
  expect(labels('2026-11-24T10:00:00Z', 20 * second, 4, 'UTC')[1]).toBe('10:00:05')
})

test('a day begins with its name', () => {
  expect(labels('2026-11-24T20:00:00Z', 6 * hour, 6, 'UTC')).toEqual([
    '20:00',
    '21:00',
    '22:00',
    '23:00',
    'Wed 25 Nov',
    '01:00',
    '02:00',
  ])
  expect(dayName(Date.parse('2026-11-24T23:30:00Z'), 'Europe/Berlin')).toBe('Wed 25 Nov')
})

test('lines stay round when the clocks go back and forward', () => {
  expect(labels('2026-10-24T21:00:00Z', 12 * hour, 5, 'Europe/Berlin')).toEqual([
    'Sun 25 Oct',
    '03:00',
    '06:00',
    '09:00',
  ])
  expect(labels('2026-03-28T22:00:00Z', 12 * hour, 5, 'Europe/Berlin')).toEqual([
    'Sun 29 Mar',
    '03:00',
    '06:00',
    '09:00',
    '12:00',
  ])
  const days = ticksOf(view('2026-10-23T00:00:00Z', 4 * day), 5, 'Europe/Berlin')
  expect(days.every(t => t.day)).toBe(true)
  expect(days).toHaveLength(4)
})

test('an hour that comes twice has its line twice', () => {
  expect(labels('2026-10-24T23:30:00Z', 4 * hour, 4, 'Europe/Berlin')).toEqual(['02:00', '02:00', '03:00', '04:00'])
})

test('offsets are those of the instant', () => {
  expect(offsetAt(Date.parse('2026-07-01T00:00:00.500Z'), 'Europe/Berlin')).toBe(2 * hour)
  expect(offsetAt(Date.parse('2026-12-01T00:00:00Z'), 'Europe/Berlin')).toBe(hour)
})
