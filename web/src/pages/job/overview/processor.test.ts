import { expect, test } from 'vitest'
import type { JobProcessor } from '@/api/processors'
import { countsOf, isBroken, lookOf, placeOf } from './processor'

const none: JobProcessor = {
  name: 'files',
  on: 'leader',
  delivered: 0,
  pending: 0,
  failed: 0,
  dropped: 0,
  attempts: 0,
  last_error: '',
  last_error_at: null,
  delivered_at: null,
}

test('what fails comes before what is lost, and that before what waits', () => {
  const label = (change: Partial<JobProcessor>) => lookOf({ ...none, ...change }).label
  expect(label({ attempts: 2, failed: 1, pending: 3 })).toBe('failing')
  expect(label({ failed: 1, pending: 3 })).toBe('outputs lost')
  expect(label({ dropped: 1 })).toBe('outputs lost')
  expect(label({ pending: 3, delivered: 5 })).toBe('pending')
  expect(label({ delivered: 5 })).toBe('delivered')
  expect(label({})).toBe('no output yet')
  expect(isBroken({ ...none, pending: 3 })).toBe(false)
})

test('counts name only what there is', () => {
  expect(countsOf({ ...none, delivered: 1204, pending: 1 })).toBe('1,204 delivered · 1 pending')
  expect(countsOf({ ...none, failed: 3, dropped: 2 })).toBe('0 delivered · 3 given up · 2 dropped')
})

test('the place is where the processor is called', () => {
  const job = { processors: { log: {}, files: { on: 'node' } } }
  expect(placeOf(job, 'log')).toBe('on the leader')
  expect(placeOf(job, 'files')).toBe('on the node that ran')
  expect(placeOf(job, 'gone')).toBe('no longer in the job')
})
