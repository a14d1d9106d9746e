import { describe, expect, it } from 'vitest'
import { matches, patternOf } from './match'
import { stageOf } from './silence'
import { matchWords, shortDuration } from './words'

const job = { name: 'backup-db', owner: 'ann', tags: { role: 'db:1' }, metadata: { severity: 'high' } }

describe('the jobs that a rule or silence is for', () => {
  it.each([
    [{}, true],
    [{ jobs: [] }, true],
    [{ jobs: ['report', 'backup-*'] }, true],
    [{ jobs: ['backup-d?'] }, true],
    [{ jobs: ['backup-[a-d][^a]'] }, true],
    [{ jobs: ['backup-[e-z]b'] }, false],
    [{ jobs: ['backup'] }, false],
    [{ jobs: ['backup.db'] }, false],
    [{ jobs: ['backup-db*'], owner: 'bob' }, false],
    [{ owner: 'ann', tags: { role: 'db:1' }, metadata: { severity: 'high' } }, true],
    [{ tags: { role: 'db' } }, false],
    [{ metadata: { tier: '1' } }, false],
    [{ jobs: ['[z-a]'] }, false],
  ])('are those that all of %j fits: %s', (match, expected) => {
    expect(matches(match, job)).toBe(expected)
  })

  it('is one job for the pattern of its name', () => {
    expect(matches({ jobs: [patternOf('a.b-c_1')] }, { ...job, name: 'a.b-c_1' })).toBe(true)
    expect(matches({ jobs: [patternOf('a*')] }, { ...job, name: 'ab' })).toBe(false)
    expect(matches({ jobs: [patternOf('[a]')] }, { ...job, name: '[a]' })).toBe(true)
  })

  it('are said in words', () => {
    expect(matchWords({})).toBe('all jobs')
    expect(matchWords({ jobs: ['a', 'b-*'], owner: 'ann', tags: { role: 'db' } })).toBe(
      'a, b-* · owner ann · tag role=db',
    )
  })
})

it('a silence holds in [from, until)', () => {
  const silence = { from: '2026-11-24T03:00:00Z', until: '2026-11-24T04:00:00Z' }
  const at = (text: string) => stageOf(silence, Date.parse(`2026-11-24T${text}Z`))
  expect([at('02:59:59'), at('03:00:00'), at('03:59:59'), at('04:00:00')]).toEqual([
    'planned',
    'active',
    'active',
    'over',
  ])
})

it.each([
  ['4h0m0s', '4h'],
  ['1h30m0s', '1h30m'],
  ['1m30s', '1m30s'],
  ['10m0s', '10m'],
  ['90s', '90s'],
  ['', ''],
])('the duration %s is %s', (text, short) => {
  expect(shortDuration(text)).toBe(short)
})
