import { describe, expect, it } from 'vitest'
import type { Version } from '@/api/jobs'
import type { Launch } from '@/api/launches'
import { neighboursOf } from './neighbours'
import { commandOf, ranAt } from './revision'

const version = (revision: number, updated_at: string, job = {}) => ({ revision, updated_at, job }) as Version
const versions = [version(4, '2026-11-24T12:00:00.5Z'), version(3, '2026-11-24T11:00:00Z')]

describe('the revision that ran', () => {
  it.each([
    ['2026-11-24T12:00:00.500Z', 4],
    ['2026-11-24T12:00:00.499Z', 3],
    ['2026-11-24T11:00:00Z', 3],
    ['2026-11-24T10:59:59Z', 'dropped'],
  ])('at %s', (at, revision) => {
    const ran = ranAt(versions, new Date(at))
    expect(typeof ran === 'object' ? ran.version.revision : ran).toBe(revision)
  })

  it('is unknown without versions or a time', () => {
    expect(ranAt([], new Date())).toBeUndefined()
    expect(ranAt(versions, undefined)).toBeUndefined()
  })

  it('has a command', () => {
    const of = (executor: string, executor_config: Record<string, string>) =>
      commandOf(version(1, '', { executor, executor_config }))
    expect(of('shell', { command: 'date' })).toBe('date')
    expect(of('http', { url: 'https://a' })).toBe('GET https://a')
    expect(of('mine', { command: 'x' })).toBe('')
  })
})

describe('the launches before and after', () => {
  const launch = (group: number, second: number) =>
    ({ id: `a.${group}`, created_at: `2026-11-24T03:00:0${second}Z` }) as Launch
  const [first, caughtUp, open, newest] = [launch(9, 1), launch(3, 2), launch(10, 2), launch(12, 4)]
  const all = [open!, newest!, first!, caughtUp!] // the server lists those that have not ended first

  it.each([
    [first, undefined, 'a.3'],
    [caughtUp, 'a.9', 'a.10'],
    [open, 'a.3', 'a.12'],
    [newest, 'a.10', undefined],
  ])('are in the order of their creation', (of, previous, next) => {
    const found = neighboursOf(all, of!)
    expect([found.previous?.id, found.next?.id]).toEqual([previous, next])
  })

  it('are those that are kept, also of one that is not', () => {
    expect(neighboursOf([newest!], launch(1, 0)).next).toBe(newest)
  })
})
