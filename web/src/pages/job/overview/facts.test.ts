import { describe, expect, it } from 'vitest'
import type { Description } from '@/api/executors'
import type { Job } from '@/api/jobs'
import { factsOf } from './facts'

const job = (fields: Partial<Job>) => ({ name: 'a', executor: 'shell', ...fields }) as Job
const labels = (fields: Partial<Job>) => factsOf(job(fields), 'UTC').map(f => `${f.label}: ${f.value}`)

describe('factsOf', () => {
  it('omits defaults', () => {
    const all = {
      schedule: '@hourly',
      executor_config: { command: 'true' },
      concurrency: 'allow' as const,
      catchup: { policy: '' as const, window: '' },
      dst: { gap: '' as const, overlap: '' as const },
      retries: 0,
      retry_backoff: null,
      history: null,
    }
    expect(labels(all)).toEqual(['Executor: shell', 'Command: true', 'Schedule: @hourly'])
  })

  it('names the job’s own channels', () => {
    expect(labels({ channels: ['team', 'pager'] })).toEqual(['Executor: shell', 'Channels: team, pager'])
    expect(labels({ channels: [] })).toEqual(['Executor: shell'])
  })

  it('shows the request of an http job with its method', () => {
    const executor_config = { url: 'https://example.com/', method: 'POST', timeout: '5s' }
    expect(labels({ executor: 'http', executor_config })).toEqual([
      'Executor: http',
      'Request: POST https://example.com/',
      'timeout: 5s',
    ])
  })

  it('says of a key what its executor says of it, and shows no secret', () => {
    const key = (title: string, description: string, format?: string) => ({ title, description, format })
    const properties = { topic: key('Topic', 'Where to.'), password: key('Password', 'Of the user.', 'password') }
    const schema = { properties }
    const executor_config = { topic: 'a', password: 's3cret', other: 'b' }
    const executors = [{ name: 'toy', schema }] as unknown as Description[]
    expect(factsOf(job({ executor: 'toy', executor_config }), 'UTC', { executors }).slice(1)).toEqual([
      { label: 'Topic', value: 'a', code: true, meaning: 'Where to.' },
      { label: 'Password', value: '••••••••', code: true, meaning: 'Of the user.' },
      { label: 'other', value: 'b', code: true, meaning: 'A key of the executor.' },
    ])
    const processors = [{ name: 'toy', schema: { ...schema, description: 'Plays.' } }] as unknown as Description[]
    const given = job({ processors: { log: {}, toy: executor_config } })
    expect(factsOf(given, 'UTC', { processors }).filter(f => f.label.startsWith('Processor'))).toEqual([
      { label: 'Processor log', value: 'default settings', meaning: 'It is given each output.' },
      { label: 'Processor toy', value: 'Topic: a, Password: ••••••••, other: b', meaning: 'Plays.' },
    ])
  })

  it('shows what differs from the defaults', () => {
    expect(
      labels({
        concurrency: 'queue',
        queue_limit: 3,
        retries: 2,
        retry_backoff: { initial: '2s' },
        catchup: { policy: 'last', window: '1h' },
        expires_at: '2026-12-01T00:00:00Z',
        history: { count: 5, age: '720h', bytes: 2048 },
      }),
    ).toEqual([
      'Executor: shell',
      'Expires: 2026-12-01 00:00:00',
      'Catch-up: last',
      'Catch-up window: 1h',
      'Concurrency: queue',
      'Queue limit: 3',
      'Retries: 2',
      'Pause: 2s, × 2, at most 1m0s',
      'History: 5 executions, 720h, 2.0 KiB',
    ])
  })

  it('omits the schedule of a child, which is ignored', () => {
    expect(labels({ schedule: '@hourly', parents: [{ job: 'b' }] })).toEqual(['Executor: shell'])
  })
})
