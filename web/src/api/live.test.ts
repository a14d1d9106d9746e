import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Live, staleAfter } from './live'

/** The browser's EventSource, as far as Live uses it. */
class Source extends EventTarget {
  static readonly CLOSED = 2
  static all: Source[] = []
  readyState = 1

  constructor(readonly url: string) {
    super()
    Source.all.push(this)
  }

  close() {
    this.readyState = Source.CLOSED
  }

  send(event: { type: string; [key: string]: unknown }, id = '') {
    this.dispatchEvent(new MessageEvent(event.type, { data: JSON.stringify(event), lastEventId: id }))
  }
}

const newest = () => Source.all.at(-1)!

let queries: QueryClient
let live: Live
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Source)
  Source.all = []
  queries = new QueryClient()
  live = new Live(queries)
  stop = live.start()
})

afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const isStale = (key: unknown[]) => queries.getQueryState(key)?.isInvalidated

describe('what an event makes stale', () => {
  it('is the launch, its job and the lists', () => {
    const keys = staleAfter({ type: 'launch.ended', job: 'a', launch_id: 'a.1' })
    expect(keys).toEqual([['job', 'a'], ['jobs'], ['launch', 'a.1'], ['launches'], ['due'], ['alerts'], ['messages']])
  })

  it('is the job and the lists when a run that dkron does not make begins', () => {
    expect(staleAfter({ type: 'checkin.started', job: 'a' })).toEqual([['job', 'a'], ['jobs']])
  })

  it('is the cluster when a member or the leader changes', () => {
    expect(staleAfter({ type: 'leader.changed', node_name: 's2' })).toEqual([['cluster']])
  })
})

describe('live updates', () => {
  it('reloads what changed, once for events close together', async () => {
    queries.setQueryData(['job', 'a', 'definition'], 1)
    queries.setQueryData(['job', 'b', 'definition'], 1)
    const invalidate = vi.spyOn(queries, 'invalidateQueries')
    newest().dispatchEvent(new Event('open'))
    newest().send({ type: 'job.updated', job: 'a' }, '7.0')
    newest().send({ type: 'job.updated', job: 'a' }, '8.0')
    expect(isStale(['job', 'a', 'definition'])).toBe(false)
    await vi.advanceTimersByTimeAsync(500)
    expect(isStale(['job', 'a', 'definition'])).toBe(true)
    expect(isStale(['job', 'b', 'definition'])).toBe(false)
    expect(invalidate).toHaveBeenCalledTimes(3) // the job, the lists of jobs, what is due
  })

  it('reloads everything after a reset', () => {
    queries.setQueryData(['anything'], 1)
    newest().send({ type: 'reset' })
    expect(isStale(['anything'])).toBe(true)
  })

  it('is offline while the server does not answer, and reloads everything when it is back', () => {
    queries.setQueryData(['anything'], 1)
    newest().dispatchEvent(new Event('open'))
    expect(live.state()).toBe('live')
    newest().dispatchEvent(new Event('error'))
    expect(live.state()).toBe('offline')
    newest().dispatchEvent(new Event('open'))
    expect(live.state()).toBe('live')
    expect(isStale(['anything'])).toBe(true)
  })

  it('reopens a refused stream after the last event', async () => {
    newest().send({ type: 'job.updated', job: 'a' }, '9.2')
    await vi.advanceTimersByTimeAsync(500)
    newest().close()
    newest().dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(3500)
    expect(Source.all).toHaveLength(2)
    expect(newest().url).toMatch(/\/v1\/events\?after=9\.2$/)
  })

  it('reloads less often during many events', async () => {
    const invalidate = vi.spyOn(queries, 'invalidateQueries')
    const happen = () => newest().send({ type: 'member.changed' })
    for (let i = 0; i < 40; i++) happen()
    await vi.advanceTimersByTimeAsync(500)
    expect(invalidate).toHaveBeenCalledTimes(1)
    happen()
    await vi.advanceTimersByTimeAsync(1500)
    expect(invalidate).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(600)
    expect(invalidate).toHaveBeenCalledTimes(2)
    happen()
    await vi.advanceTimersByTimeAsync(500)
    expect(invalidate).toHaveBeenCalledTimes(3)
  })

  it('reopens a refused stream while a reload is pending', async () => {
    newest().send({ type: 'job.updated', job: 'a' }, '9.2')
    newest().close()
    newest().dispatchEvent(new Event('error'))
    await vi.advanceTimersByTimeAsync(3500)
    expect(Source.all).toHaveLength(2)
  })

  it('starts to listen when the tab becomes visible', () => {
    stop()
    Source.all = []
    const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    stop = live.start()
    expect(Source.all).toHaveLength(0)
    expect(live.state()).toBe('hidden')
    visible.mockReturnValue('visible')
    document.dispatchEvent(new Event('visibilitychange'))
    expect(Source.all).toHaveLength(1)
  })

  it('polls while there are too many events, and listens again later', async () => {
    for (let i = 0; i < 500; i++) newest().send({ type: 'launch.created', job: 'a', launch_id: `a.${i}` })
    await vi.advanceTimersByTimeAsync(500)
    expect(live.state()).toBe('busy')
    expect(newest().readyState).toBe(Source.CLOSED)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(Source.all).toHaveLength(2)
  })

  it('stops listening while the tab is hidden for long', async () => {
    newest().dispatchEvent(new Event('open'))
    const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(live.state()).toBe('live')
    await vi.advanceTimersByTimeAsync(25_000)
    expect(live.state()).toBe('hidden')
    expect(newest().readyState).toBe(Source.CLOSED)
    visible.mockReturnValue('visible')
    document.dispatchEvent(new Event('visibilitychange'))
    expect(Source.all).toHaveLength(2)
  })
})
