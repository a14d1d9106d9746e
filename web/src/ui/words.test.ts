import { describe, expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { parentsOf, scheduleWords, stateOf } from './words'

const job = (fields: Partial<Job>) => ({ name: 'load', parents: [], running: 0, queued: 0, ...fields }) as Job

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
