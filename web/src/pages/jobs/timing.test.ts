import { describe, expect, it } from 'vitest'
import { afterOf, later } from './timing'

const sentence = (job: Parameters<typeof afterOf>[0]) =>
  afterOf(job)
    .map(a => `${a.before}${a.job}${a.how && ` (${a.how})`}`)
    .join('')

describe('when a job runs', () => {
  it('names the parents and how they have to end', () => {
    expect(sentence({ parents: [{ job: 'extract' }] })).toBe('After extract')
    expect(sentence({ parents: [{ job: 'a' }, { job: 'b', on: 'failure' }, { job: 'c', on: 'success' }] })).toBe(
      'After a, b (if it fails) and c',
    )
    expect(sentence({ parents: [{ job: 'a' }, { job: 'b', on: 'always' }], parents_join: 'any' })).toBe(
      'After a or b (however it ends)',
    )
  })

  it('takes the later time', () => {
    expect(later(null, null)).toBeUndefined()
    expect(later('2026-01-01T00:00:00Z', null)).toBe('2026-01-01T00:00:00Z')
    expect(later('2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00Z')).toBe('2026-01-01T00:00:00.5Z')
  })
})
