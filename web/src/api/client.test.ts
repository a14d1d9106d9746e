import { beforeEach, describe, expect, it, vi } from 'vitest'
import { timeOf, urlOf } from './client'
import { advice, ApiError } from './error'
import { definitionOf, fetchJobs, jobQuery, type Job } from './jobs'

const network = vi.fn<(request: Request) => Promise<Response>>()

beforeEach(() => {
  network.mockReset()
  vi.stubGlobal('fetch', network)
})

const asked = () => new URL(network.mock.calls[0]![0].url)

const read = (name: string) =>
  (jobQuery(name).queryFn as (c: object) => Promise<Job>)({ signal: new AbortController().signal })

describe('the client', () => {
  it('writes filters as the server reads them', async () => {
    network.mockResolvedValue(Response.json([], { headers: { 'X-Total-Count': '17' } }))
    const { total } = await fetchJobs({
      metadata: { team: 'ops' },
      tags: { role: 'web:2' },
      start: 50,
      end: 100,
      descending: true,
    })
    expect(total).toBe(17)
    const query = asked().searchParams
    expect(query.get('metadata[team]')).toBe('ops')
    expect(query.get('_tag[role]')).toBe('web:2')
    expect(query.get('_start')).toBe('50')
    expect(query.get('_order')).toBe('DESC')
    expect(query.has('_search')).toBe(false)
  })

  it('puts names of any script into a path', async () => {
    network.mockResolvedValue(Response.json({}))
    await read('ñandú')
    expect(asked().pathname).toBe('/v1/jobs/%C3%B1and%C3%BA')
  })

  it('passes on the server’s error text', async () => {
    network.mockResolvedValue(new Response('no cluster leader; try again shortly\n', { status: 503 }))
    const error = await read('a').catch((e: unknown) => e as ApiError)
    expect(error).toMatchObject({ status: 503, message: 'no cluster leader; try again shortly', passing: true })
    expect(advice(error as ApiError)).toBe('')
    expect(advice(new ApiError(502, 'The server answered with status 502.'))).toContain('Try again')
  })

  it('says that job changes are frozen, and where to unfreeze them', async () => {
    network.mockResolvedValue(new Response('New job submissions are currently paused\n', { status: 503 }))
    const error = (await read('a').catch((e: unknown) => e)) as ApiError
    expect([error.message, advice(error)]).toEqual(['Job changes are frozen.', 'Unfreeze them in Settings.'])
  })

  it('shows no page of a proxy as an error text', async () => {
    network.mockResolvedValue(
      new Response('<html>Bad Gateway</html>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
    )
    await expect(read('a')).rejects.toThrow('The server answered with status 502.')
  })

  it('distinguishes a server that does not answer from one that refuses', async () => {
    network.mockRejectedValue(new TypeError('Failed to fetch'))
    await expect(read('a')).rejects.toMatchObject({ status: 0, passing: true })
  })
})

describe('what the API says', () => {
  it('is no time where it has no null', () => {
    expect(timeOf('0001-01-01T00:00:00Z')).toBeUndefined()
    expect(timeOf(null)).toBeUndefined()
    expect(timeOf('2026-11-24T00:00:00Z')?.getTime()).toBe(Date.UTC(2026, 10, 24))
  })

  it('is below the same prefix as the page', () => {
    expect(new URL(urlOf('v1/events', { after: '1.0', none: undefined })).search).toBe('?after=1.0')
  })

  it('is a definition without what the server keeps and what is the default', () => {
    const job = {
      name: 'a',
      id: 'a',
      schedule: '@hourly',
      concurrency: 'allow',
      disabled: false,
      retries: 0,
      tags: { role: '' },
      metadata: {},
      catchup: { policy: '', window: '' },
      dst: { gap: 'skip', overlap: '' },
      revision: 4,
      next: 'x',
      executor_config: { command: 'date' },
    }
    expect(definitionOf(job as unknown as Job)).toEqual({
      name: 'a',
      schedule: '@hourly',
      dst: { gap: 'skip', overlap: '' },
      tags: { role: '' },
      executor_config: { command: 'date' },
    })
  })
})
