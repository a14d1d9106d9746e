import { describe, expect, it } from 'vitest'
import type { Execution } from '@/api/executions'
import { barWords, groupsOf, lengthOf, scaleOf, tally } from './bars'

const execution = (fields: Partial<Execution>) =>
  ({
    id: '1-n1',
    job_name: 'a',
    launch_id: 'a.1',
    node_name: 'n1',
    attempt: 1,
    started_at: '2026-11-24T03:00:00Z',
    finished_at: '2026-11-24T03:00:02Z',
    outcome: 'success',
    lateness_ms: 3,
    ...fields,
  }) as Execution

describe('groupsOf', () => {
  it('puts the attempts of a launch together, oldest first', () => {
    const groups = groupsOf(
      [
        execution({ id: '3', launch_id: 'a.2', started_at: '2026-11-24T03:01:00Z' }),
        execution({ id: '2', attempt: 2, started_at: '2026-11-24T03:00:03Z' }),
        execution({ id: '1', outcome: 'failed' }),
      ],
      100,
    )
    expect(groups.map(g => g.bars.map(b => b.id))).toEqual([['1', '2'], ['3']])
    expect(tally(groups)).toEqual([
      ['success', 2],
      ['failed', 1],
    ])
  })

  it('keeps the newest, across zones', () => {
    const groups = groupsOf(
      [
        execution({ id: 'old', launch_id: 'a.1', started_at: '2026-11-24T04:30:00+02:00' }),
        execution({ id: 'new', launch_id: 'a.2' }),
      ],
      1,
    )
    expect(groups.flatMap(g => g.bars.map(b => b.id))).toEqual(['new'])
  })
})

it('measures a running execution up to now', () => {
  const [group] = groupsOf([execution({ finished_at: '0001-01-01T00:00:00Z', outcome: undefined })], 9)
  const bar = group!.bars[0]!
  expect(bar.status).toBe('running')
  expect(lengthOf(bar, Date.parse('2026-11-24T03:00:07Z'))).toBe(7000)
})

describe('scaleOf', () => {
  it('is linear where durations are alike', () => {
    const scale = scaleOf([800, 900, 1700])
    expect(scale.kind).toBe('linear')
    expect(scale.ticks).toEqual([1000, 2000])
    expect(scale.share(1000)).toBe(0.5)
  })

  it('is logarithmic where one is far longer', () => {
    const scale = scaleOf([5, 6, 7, 3_000_000])
    expect(scale.kind).toBe('log')
    expect(scale.share(6)).toBeGreaterThan(0.1)
    expect(scale.ticks.at(-1)).toBe(3_600_000)
  })

  it('ends at a round duration', () => {
    const tops = [3, 110, 9999, 45_000, 61_000, 7_000_000, 200_000_000].map(ms => scaleOf([ms]).ticks.at(-1))
    expect(tops).toEqual([10, 120, 10_000, 60_000, 90_000, 7_200_000, 259_200_000])
  })

  it('works without durations', () => {
    expect(scaleOf([]).share(0)).toBe(0)
  })
})

it('describes a bar completely', () => {
  const [group] = groupsOf([execution({ attempt: 2, outcome: 'failed', exit_code: 3 })], 9)
  expect(barWords(group!.bars[0]!, 'failed', 0, 'UTC')).toBe(
    'failed, started 2026-11-24 03:00:00, on n1, took 2.0 s, start delay 3 ms, attempt 2, exit code 3',
  )
})
