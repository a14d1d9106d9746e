import { describe, expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { parentsOf, scheduleOf, scheduleWords, stateOf, tagWords, wantedOf } from './words'

const job = (fields: Partial<Job>) => ({ name: 'load', parents: [], running: 0, queued: 0, ...fields }) as Job

describe('scheduleOf', () => {
  it('has words, or the schedule itself', () => {
    expect(scheduleOf({ schedule: '0 30 3 * * *', schedule_text: 'Every day at 03:30' })).toEqual({
      text: 'Every day at 03:30',
      raw: false,
    })
    expect(scheduleOf({ schedule: '0 30 3 * * *' })).toEqual({ text: '0 30 3 * * *', raw: true })
    expect(scheduleOf({ schedule: '@manually' }).text).toBe('Only by hand')
  })
})

describe('scheduleWords', () => {
  it('prefers the words of the server', () => {
    expect(scheduleWords(job({ schedule: '@hourly', schedule_text: 'Every hour' }))).toBe('Every hour')
    expect(scheduleWords(job({ schedule: '@hourly' }))).toBe('@hourly')
  })

  it('says of a child what it waits for', () => {
    expect(scheduleWords(job({ parents: [{ job: 'extract' }] }))).toBe('After extract succeeds')
    expect(scheduleWords(job({ parents: [{ job: 'extract' }, { job: 'transform' }] }))).toBe(
      'After extract and transform succeed',
    )
    const two = [{ job: 'a' }, { job: 'b', on: 'always' as const }]
    expect(scheduleWords(job({ parents: two, parents_join: 'any' }))).toBe('After a succeeds, or b ends')
    const three = [{ job: 'a' }, { job: 'b' }, { job: 'c' }]
    expect(scheduleWords(job({ parents: three, parents_join: 'any' }))).toBe('After a, b or c succeeds')
  })

  it('says that nothing fires a job that is run by hand', () => {
    expect(scheduleWords(job({ schedule: '@manually', schedule_text: 'x' }))).toBe('Only by hand')
  })
})

it('counts the old field as a parent, once', () => {
  expect(parentsOf(job({ parent_job: 'a' }))).toEqual([{ job: 'a', on: 'success' }])
  expect(parentsOf(job({ parent_job: 'a', parents: [{ job: 'a' }] }))).toEqual([{ job: 'a' }])
})

it('tells what a job does before what it did', () => {
  expect(stateOf(job({ status: 'failed', running: 1, queued: 2 }))).toBe('running')
  expect(stateOf(job({ status: 'failed', queued: 2 }))).toBe('queued')
  expect(stateOf(job({ status: 'failed' }))).toBe('failed')
})

it('takes the count off a tag', () => {
  const tags = { role: 'web:2', zone: 'a', url: 'host:port', both: 'a:b:3' }
  expect(wantedOf({ tags })).toEqual([
    { key: 'role', value: 'web', count: 2 },
    { key: 'zone', value: 'a' },
    { key: 'url', value: 'host:port' },
    { key: 'both', value: 'a:b', count: 3 },
  ])
})

it('tells tags and how many nodes they take', () => {
  expect(tagWords({ tags: { role: 'web:1', zone: 'a' } })).toBe('role=web (1 of them), zone=a')
  expect(tagWords({ tags: null })).toBe('')
})
