import { describe, expect, it } from 'vitest'
import { jobsSearch } from '@/pages/jobs/search'
import { launchesSearch } from '@/pages/launches/search'
import { readSearch, writeSearch } from './address'

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown

describe('an address', () => {
  it.each([
    [{ health: ['failing', 'late'] }, '?health=failing,late'],
    [{ health: ['failing'], owner: 'ops team' }, '?health=failing&owner=ops+team'],
    [{ tags: { role: 'web:2' }, metadata: { 'a.b': 'x=y&z' } }, '?tags.role=web:2&metadata.a.b=x%3Dy%26z'],
    [{ search: '00123', disabled: false, page: 3 }, '?search=00123&disabled=false&page=3'],
    [{ search: '"quoted"' }, '?search=%22%5C%22quoted%5C%22%22'],
    [{ search: '[a' }, '?search=%22[a%22'.replace('[', '%5B')],
    [{ at: '2026-11-24T03:00:00.000Z' }, '?at=2026-11-24T03:00:00.000Z'],
    [{ search: undefined }, ''],
  ])('is written so that it can be read: %j', (search, address) => {
    expect(writeSearch(search)).toBe(address)
    const texts = (value: unknown): unknown =>
      Array.isArray(value) ? value.join(',') : typeof value === 'object' && value ? value : String(value)
    const expected = Object.entries(search).filter(([, value]) => value !== undefined)
    expect(plain(readSearch(address))).toEqual(Object.fromEntries(expected.map(([k, v]) => [k, texts(v)])))
  })

  it('means the same after a round trip through a page', () => {
    const search = jobsSearch({ health: ['failing'], disabled: true, tree: true, tags: { role: 'web' }, search: '7' })
    expect(plain(jobsSearch(readSearch(writeSearch({ ...search }))))).toEqual(plain(search))
    const launches = launchesSearch({ state: ['failed', 'lost'], period: 'day' })
    expect(launchesSearch(readSearch(writeSearch({ ...launches })))).toEqual(launches)
  })

  it('of an earlier version still works', () => {
    const old = '?state=%5B%22failed%22%2C%22lost%22%5D&period=day'
    expect(launchesSearch(readSearch(old))).toEqual({ state: ['failed', 'lost'], period: 'day' })
    const jobs = '?tags=%7B%22role%22%3A%22web%22%7D&search=%2242%22&disabled=false&page=3'
    expect(plain(jobsSearch(readSearch(jobs)))).toEqual({
      tags: { role: 'web' },
      search: '42',
      disabled: false,
      page: 3,
    })
  })

  it('that makes no sense is no error', () => {
    expect(readSearch('?search=[broken&.x=1&tags.__proto__=y')).toEqual({
      search: '[broken',
      '.x': '1',
      tags: expect.anything() as unknown,
    })
  })
})
