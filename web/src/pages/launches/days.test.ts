import { expect, it } from 'vitest'
import type { Launch } from '@/api/launches'
import { daysOf } from './days'

const launch = (state: Launch['state'], ended_at: string | null) => ({ state, ended_at }) as Launch

it('groups launches by the day they ended on in the zone', () => {
  const now = Date.parse('2026-11-24T12:00:00Z')
  const launches = [
    launch('running', null),
    launch('success', '2026-11-24T11:00:00Z'),
    launch('failed', '2026-11-23T23:30:00Z'),
    launch('success', '2026-11-20T10:00:00Z'),
  ]
  const titles = (zone: string) =>
    daysOf(launches, now, zone).map(d => `${d.title.replace(',', '')} ${d.launches.length}`)
  expect(titles('UTC')).toEqual(['Now 1', 'Today 1', 'Yesterday 1', 'Friday 20 November 2026 1'])
  expect(titles('Europe/Berlin')).toEqual(['Now 1', 'Today 2', 'Friday 20 November 2026 1'])
})
