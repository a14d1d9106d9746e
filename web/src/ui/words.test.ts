import { describe, expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { parentsOf, plainReason, scheduleOf, scheduleWords, stateOf, tagWords, wantedOf, zoneOf } from './words'

const job = (fields: Partial<Job>) => ({ name: 'load', parents: [], running: 0, queued: 0, ...fields }) as Job

describe('scheduleOf', () => {
  it('is words, or else the schedule itself', () => {
    expect(scheduleOf({ schedule: '0 30 3 * * *', schedule_text: 'Every day at 03:30' })).toEqual({
      text: 'Every day at 03:30',
      raw: false,
    })
    expect(scheduleOf({ schedule: '0 30 3 * * *' })).toEqual({ text: '0 30 3 * * *', raw: true })
    expect(scheduleOf({ schedule: '@manually' }).text).toBe('Manual only')
  })
})

describe('zoneOf', () => {
  it('is the zone that words leave open', () => {
    const zoned = { schedule: '0 30 3 * * *', timezone: 'Europe/Berlin' }
    expect(zoneOf(zoned, 'Every day at 03:30')).toBe('Europe/Berlin')
    expect(zoneOf(zoned, 'Every day at 03:30 (Europe/Berlin)')).toBe('')
    expect(zoneOf({ ...zoned, timezone: '' }, 'Every day at 03:30')).toBe('')
    expect(zoneOf({ ...zoned, schedule: '@every 5m' }, 'Every 5 minutes')).toBe('')
    expect(zoneOf({ ...zoned, schedule: '@manually' }, 'Manual only')).toBe('')
  })
})

describe('scheduleWords', () => {
  it('prefers the words of the server', () => {
    expect(scheduleWords(job({ schedule: '@hourly', schedule_text: 'Every hour' }))).toBe('Every hour')
    expect(scheduleWords(job({ schedule: '@hourly' }))).toBe('@hourly')
    const text = "Every 25 seconds from the job's creation"
    expect(scheduleWords(job({ schedule: '@every 25s', schedule_text: text }))).toBe('Every 25 seconds')
  })

  it('names the parents of a child', () => {
    expect(scheduleWords(job({ parents: [{ job: 'extract' }] }))).toBe('After extract succeeds')
    expect(scheduleWords(job({ parents: [{ job: 'extract' }, { job: 'transform' }] }))).toBe(
      'After extract and transform succeed',
    )
    const two = [{ job: 'a' }, { job: 'b', on: 'always' as const }]
    expect(scheduleWords(job({ parents: two, parents_join: 'any' }))).toBe('After a succeeds, or b ends')
    const three = [{ job: 'a' }, { job: 'b' }, { job: 'c' }]
    expect(scheduleWords(job({ parents: three, parents_join: 'any' }))).toBe('After a, b or c succeeds')
  })

  it('calls a job without a schedule manual', () => {
    expect(scheduleWords(job({ schedule: '@manually', schedule_text: 'x' }))).toBe('Manual only')
  })
})

it('counts the old field as a parent, once', () => {
  expect(parentsOf(job({ parent_job: 'a' }))).toEqual([{ job: 'a', on: 'success' }])
  expect(parentsOf(job({ parent_job: 'a', parents: [{ job: 'a' }] }))).toEqual([{ job: 'a' }])
})

it('prefers what a job does now to its last result', () => {
  expect(stateOf(job({ status: 'failed', running: 1, queued: 2 }))).toBe('running')
  expect(stateOf(job({ status: 'failed', queued: 2 }))).toBe('queued')
  expect(stateOf(job({ status: 'failed' }))).toBe('failed')
  expect(stateOf(job({ status: 'failed', health: 'failing', running: 1 }))).toBe('failing')
  expect(stateOf(job({ status: '', health: 'did_not_run' }))).toBe('did_not_run')
})

it('splits the count from a tag', () => {
  const tags = { role: 'web:2', zone: 'a', url: 'host:port', both: 'a:b:3' }
  expect(wantedOf({ tags })).toEqual([
    { key: 'role', value: 'web', count: 2 },
    { key: 'zone', value: 'a' },
    { key: 'url', value: 'host:port' },
    { key: 'both', value: 'a:b', count: 3 },
  ])
})

it('lists tags and how many nodes they select', () => {
  expect(tagWords({ tags: { role: 'web:1', zone: 'a' } })).toBe('role=web (1 node), zone=a')
  expect(tagWords({ tags: null })).toBe('')
})

describe('plainReason', () => {
  it('has the cause, not the signal that followed', () => {
    expect(plainReason('signal: killed', 'timed_out')).toBe('killed after its timeout')
    expect(plainReason('signal: killed', 'failed')).toBe('signal: killed')
  })

  it('does not show the due time of a newer launch as the server writes it', () => {
    const replaced = 'replaced by the launch of 2026-11-29T18:00:00Z'
    expect(plainReason(replaced)).toBe('replaced by a newer launch')
    expect(plainReason(`stopped on request: ${replaced}`)).toBe('replaced by a newer launch')
    expect(plainReason('exit code 1')).toBe('exit code 1')
    expect(plainReason('exit status 1')).toBe('exit code 1')
  })
})

describe('stateOf', () => {
  it('is lost, not “did not run”, if the last launch ran and its end is unknown', () => {
    const last = (state: string) => job({ health: 'did_not_run', last_launch: { state } as Job['last_launch'] })
    expect(stateOf(last('lost'))).toBe('lost')
    expect(stateOf(last('missed'))).toBe('did_not_run')
  })
})
