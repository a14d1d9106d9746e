import { describe, expect, it } from 'vitest'
import { filterOf, isGrouped, launchesSearch, same, samePicked, views } from './search'

describe('the search of the launches', () => {
  it('leaves out what makes no sense', () => {
    expect(
      launchesSearch({ state: ['failed', 'odd'], cause: 'manual', job: 7, period: 'year', since: 'x', more: 1 }),
    ).toEqual({ state: ['failed'], cause: ['manual'], job: '7' })
  })

  it('has a period or two instants', () => {
    const since = '2026-11-24T00:00:00.000Z'
    expect(launchesSearch({ since, until: '2026-11-25' })).toEqual({ since, until: '2026-11-25T00:00:00.000Z' })
    expect(launchesSearch({ period: 'day', since })).toEqual({ period: 'day' })
  })

  it('asks for the same thing for some minutes', () => {
    const now = Date.parse('2026-11-24T12:00:30Z')
    expect(filterOf({ period: 'hour' }, now).since).toBe('2026-11-24T11:00:00.000Z')
    expect(filterOf({ period: 'hour' }, now + 60_000)).toEqual(filterOf({ period: 'hour' }, now))
  })

  it('knows a view however its words are ordered', () => {
    expect(same({ state: ['running', 'waiting', 'queued'] }, views[1]!.search)).toBe(true)
    expect(same({ state: ['running'] }, views[1]!.search)).toBe(false)
    expect(same({ state: undefined }, {})).toBe(true)
  })

  it('groups by job what failed or did not run, of more than one job, unless it is said', () => {
    expect(views.map(view => isGrouped(view.search))).toEqual([false, false, true, true])
    expect(isGrouped({ state: ['failed', 'success'] })).toBe(false)
    expect(isGrouped({ state: ['failed'], job: 'backup' })).toBe(false)
    expect(isGrouped({ state: ['failed'], rerun: 7 })).toBe(false)
    expect(isGrouped({ state: ['failed'], group: 'none' })).toBe(false)
    expect(isGrouped({ group: 'job' })).toBe(true)
    expect(launchesSearch({ group: 'node' })).toEqual({})
    expect(samePicked({ ...views[2]!.search, group: 'none' }, views[2]!.search)).toBe(true)
  })
})
