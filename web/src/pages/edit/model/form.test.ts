import { describe, expect, it } from 'vitest'
import { definitionOf, type Job } from '@/api/jobs'
import { fleetJobs } from '../../../../e2e/fleet'
import { definitionFrom, formOf, written, type Definition } from './form'
import { newRow } from './rows'

const odd: Definition[] = [
  {},
  { name: 'defaults', schedule: '@manually', concurrency: 'allow', retries: 0, disabled: false, tags: {}, parents: [] },
  { name: 'nulls', schedule: null, tags: null, metadata: null, history: null, retry_backoff: null, starts_at: null },
  { name: 'wrong types', schedule: 7, tags: [1], retries: 'three', parents: 'a', catchup: 'all', executor_config: 3 },
  { name: 'numbers in texts', executor_config: { timeout: 30, deep: { a: [1] } }, metadata: { n: 1 }, tags: { n: 1 } },
  { name: 'unknown', schedule: '@daily', future: { a: [1, { b: null }] }, catchup: { policy: 'last', more: 1 } },
  { name: 'tags', tags: { a: 'x:y', b: 'x:1', c: ':3', d: '', e: 'a:b:007', f: 'x:', g: 'x:-1', h: 'two\nlines:2' } },
  { name: 'one-parent', parent_job: 'a', schedule: '@daily' },
  {
    name: 'both',
    parent_job: 'a',
    parents: [{ job: 'a' }, { job: 'b', on: 'always', note: 'x' }],
    parents_join: 'any',
  },
  { name: 'strange-parents', parents: [{}, { job: 'x', on: 'sometimes' }, 'y', null] },
  { name: 'parent-by-hand', parents: [{ job: 'x', on: '' }], schedule: '@manually' },
  { name: 'processors', processors: { log: {}, files: { log_dir: '/tmp', n: 1 }, odd: 'text' } },
  { name: 'keys', executor_config: JSON.parse('{"__proto__": "a", "": "b", "constructor": "c"}') as unknown },
  { name: 'objectives', objectives: { deadline: '+2h', max_silence: '26h', later: 1 } },
  { name: 'times', starts_at: '2030-01-01T08:00', expires_at: '2030-01-01T08:00:00.123456789Z' },
  { name: 'numbers', retry_backoff: { factor: 2.5 }, history: { bytes: 0, count: 7 }, queue_limit: -1 },
]

describe('the form of a definition', () => {
  it.each([...fleetJobs, ...odd])('gives back its definition: $name', definition => {
    expect(JSON.stringify(definitionFrom(formOf(definition), definition))).toBe(JSON.stringify(definition))
  })

  it.each(fleetJobs)('writes all of $name from nothing', job => {
    expect(written(formOf(job))).toEqual(job)
  })

  it('changes only what was changed', () => {
    const base = {
      name: 'a',
      schedule: '@daily',
      future: [1],
      catchup: { policy: 'last', more: 1 },
      tags: { a: '1' },
      retries: 0,
    }
    const form = { ...formOf(base), catchup: { policy: 'skip', window: '' }, disabled: true }
    expect(definitionFrom(form, base)).toEqual({ ...base, catchup: { policy: 'skip', more: 1 }, disabled: true })
  })

  it('removes emptied fields', () => {
    const base = { name: 'a', schedule: '@daily', tags: { a: '1' }, catchup: { policy: 'last' }, metadata: { k: 'v' } }
    const form = { ...formOf(base), tags: [], catchup: { policy: '', window: '' }, metadata: [newRow('', 'x')] }
    expect(definitionFrom(form, base)).toEqual({ name: 'a', schedule: '@daily' })
  })

  it('has no schedule once it follows other jobs', () => {
    const base = { name: 'a', schedule: '@daily' }
    const form = { ...formOf(base), mode: 'parents' as const, parents: formOf({ parents: [{ job: 'p' }] }).parents }
    expect(definitionFrom(form, base)).toEqual({ name: 'a', parents: [{ job: 'p' }] })
    expect(definitionFrom({ ...form, mode: 'schedule' }, base)).toEqual(base)
  })

  it('has parents only if they start the job', () => {
    const base = { name: 'a', parent_job: 'p', parents: [{ job: 'q' }], parents_join: 'any' }
    expect(definitionFrom({ ...formOf(base), mode: 'hand' }, base)).toEqual({ name: 'a', schedule: '@manually' })
    const back = { ...formOf(base), parents: formOf(base).parents.slice(1) }
    expect(definitionFrom(back, base)).toEqual({ name: 'a', parents: [{ job: 'q' }], parents_join: 'any' })
  })
})

describe('definitionOf', () => {
  it('keeps pairs whose value is empty, which mean something', () => {
    const pairs = { tags: { a: '' }, metadata: { b: '' }, executor_config: { c: '' }, processors: { log: {} } }
    expect(definitionOf({ name: 'a', ...pairs, history: { count: 0 } } as unknown as Job)).toEqual({
      name: 'a',
      ...pairs,
    })
  })
})
