import { describe, expect, it } from 'vitest'
import type { Execution } from '@/api/executions'
import type { Launch } from '@/api/launches'
import { endsWords, failureOf, shownOf, targetsOf } from './grid'

const execution = (node: string, attempt: number, outcome?: Execution['outcome']): Execution => ({
  id: `${attempt}-${node}`,
  job_name: 'a',
  launch_id: 'a.1',
  group: 1,
  node_name: node,
  attempt,
  outcome,
  success: outcome === 'success',
  started_at: `2026-11-24T00:00:0${attempt}Z`,
  finished_at: '0001-01-01T00:00:00Z',
  output_size: 0,
  scheduled_at: null,
  lateness_ms: 0,
  cpu_seconds: null,
  max_rss: null,
  memory_limit: null,
})

describe('targets of a launch', () => {
  it('come with all of their attempts, and those that did not succeed come first', () => {
    const targets = targetsOf([
      execution('n10', 1, 'success'),
      execution('n2', 1, 'success'),
      execution('n3', 2, 'failed'),
      execution('n3', 1, 'failed'),
      execution('n4', 1),
    ])
    expect(targets.map(t => t.attempts[0]!.node_name)).toEqual(['n3', 'n4', 'n2', 'n10'])
    expect(targets[0]!.attempts.map(e => e.attempt)).toEqual([1, 2])
  })

  it('keep their row when a retry goes to another node', () => {
    const rows = (all: Execution[]) =>
      targetsOf(all).map(t => t.attempts.map(e => `${e.attempt} ${e.node_name}`).join(', '))
    expect(rows([execution('n9', 3), execution('n1', 2, 'failed'), execution('n5', 1, 'failed')])).toEqual([
      '1 n5, 2 n1, 3 n9',
    ])
    const at = (e: Execution, second: number): Execution => ({ ...e, finished_at: `2026-11-24T00:00:0${second}Z` })
    expect(
      rows([
        at(execution('n1', 1, 'failed'), 4),
        at(execution('n2', 1, 'failed'), 3),
        execution('n3', 1, 'success'),
        at(execution('n4', 2, 'success'), 5), // of n2, which failed first
        at(execution('n1', 2, 'success'), 6),
      ]),
    ).toEqual(['1 n1, 2 n1', '1 n2, 2 n4', '1 n3'])
  })

  it('include attempts whose earlier ones are no longer kept', () => {
    expect(targetsOf([execution('n1', 3, 'failed')])[0]!.attempts.map(e => e.attempt)).toEqual([3])
  })
})

describe('the cause of a failure', () => {
  const launch = (executions: Execution[], nodes = 2, failed = 1) =>
    ({ nodes, failed, reason: `${failed} of ${nodes} nodes did not succeed`, executions }) as Launch

  it('is the exit code and the node', () => {
    const failed = { ...execution('n2', 1, 'failed'), exit_code: 17 }
    expect(failureOf(launch([execution('n1', 1, 'success'), failed]))).toBe('exit code 17 on n2')
    expect(failureOf(launch([failed, { ...failed, node_name: 'n3' }], 2, 2))).toBe(
      'exit code 17 on n2, and 1 other node',
    )
  })

  it('is else the error, or the outcome', () => {
    expect(failureOf(launch([{ ...execution('n1', 1, 'failed'), error: 'no such user' }]))).toBe('no such user on n1')
    expect(failureOf(launch([execution('n1', 1, 'timed_out')]))).toBe('timed out on n1')
  })

  it('is the count of nodes where executions are not known', () => {
    expect(failureOf(launch([]))).toBe('failed on 1 of 2 nodes')
    expect(failureOf(launch([], 1))).toBe('')
  })
})

describe('why a launch failed, by its server', () => {
  const ended = (state: Launch['state'], reason: string, executions: Execution[]) =>
    ({ state, reason, executions, nodes: 1, succeeded: 0, failed: 1 }) as unknown as Launch

  it('is its reason, which has the cause and the last line', () => {
    const killed = { ...execution('n1', 1, 'failed'), error: 'signal: killed' }
    const reason = 'killed: over its memory limit of 20 MB on n1'
    expect(failureOf(ended('failed', reason, [killed]))).toBe(reason)
  })

  it('does not name the node twice', () => {
    const lost = { ...execution('n1', 1, 'lost'), error: 'node n1 did not answer for 30 s' }
    expect(failureOf(ended('lost', '', [lost]))).toBe('node n1 did not answer for 30 s')
  })

  it('does not count what was stopped or lost as failed', () => {
    expect(endsWords(ended('stopped', '', [execution('n1', 1, 'stopped')]))).toBe('0 of 1 succeeded, 1 stopped')
    expect(endsWords(ended('lost', '', [execution('n1', 1, 'lost')]))).toBe('0 of 1 succeeded, 1 lost')
    expect(endsWords(ended('stopped', '', []))).toBe('0 of 1 succeeded, 1 stopped')
  })
})

describe('the output that is shown', () => {
  const all = [execution('n1', 1, 'success'), execution('n2', 1, 'failed'), execution('n2', 2, 'failed')]

  it('is what was requested, if it exists', () => {
    expect(shownOf(all, ['1-n1', 'nonsense', '1-n2']).map(e => e.id)).toEqual(['1-n1', '1-n2'])
  })

  it('is else that of the last failure, or of a running execution', () => {
    expect(shownOf(all).map(e => e.id)).toEqual(['2-n2'])
    expect(shownOf([...all, execution('n3', 1)]).map(e => e.id)).toEqual(['1-n3'])
    expect(shownOf([])).toEqual([])
  })
})
