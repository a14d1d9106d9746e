import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { urlOf, type Schemas } from './client'
import { sessionQuery } from './session'

type Event = Schemas['Event']

/** How the page learns of changes. */
export type Liveness = 'connecting' | 'live' | 'busy' | 'offline' | 'hidden'

const kinds: readonly Event['type'][] = [
  'job.created',
  'job.updated',
  'job.deleted',
  'launch.created',
  'launch.started',
  'launch.ended',
  'execution.started',
  'execution.ended',
  'checkin.started',
  'member.changed',
  'leader.changed',
  'reset',
]

const gather = 400 // ms; events within this time cause one reload
const bustle = 50 // events per second; above this, reloads are further apart
const longer = 2000 // ms
const flood = 1000 // events per second; above this, the page polls instead of listening
const calm = 15_000 // ms of polling before it listens again
const clock = 3_000 // ms between two polls
const away = 30_000 // ms that a tab may be hidden before it stops listening: browsers allow six connections to a host

/**
 * Listens to the server's events and marks the data they make stale, so that it is loaded again. One per page. A hidden
 * tab does not listen; a cluster with too many events is polled.
 */
export class Live {
  private source?: EventSource
  private last = '' // id of the last event, to resume after it
  private stale = new Map<string, QueryKey>()
  private count = 0
  private round = gather
  private behind = false // whether events may have been missed
  private reading?: ReturnType<typeof setTimeout>
  private trying?: ReturnType<typeof setTimeout> // to listen again, or the next poll
  private hiding?: ReturnType<typeof setTimeout>
  private liveness: Liveness = 'connecting'
  private readonly watchers = new Set<() => void>()

  constructor(private readonly queries: QueryClient) {}

  /** Starts listening; returns a function that stops it. */
  start(): () => void {
    document.addEventListener('visibilitychange', this.look)
    this.connect()
    return () => {
      document.removeEventListener('visibilitychange', this.look)
      clearTimeout(this.hiding)
      clearTimeout(this.reading)
      this.reading = undefined
      this.disconnect()
      this.behind = true
    }
  }

  readonly subscribe = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  readonly state = () => this.liveness

  private readonly look = () => {
    clearTimeout(this.hiding)
    if (document.visibilityState === 'hidden') {
      this.hiding = setTimeout(() => this.rest(), away)
    } else if (this.liveness === 'hidden') {
      this.connect()
    }
  }

  private rest() {
    this.disconnect()
    this.behind = true
    this.become('hidden')
  }

  private connect() {
    if (document.visibilityState === 'hidden') return this.rest()
    this.disconnect()
    this.become('connecting')
    const source = new EventSource(urlOf('v1/events', this.last ? { after: this.last } : undefined))
    this.source = source
    source.addEventListener('open', () => {
      this.become('live')
      if (this.behind) this.readAll()
      this.behind = false
    })
    source.addEventListener('error', () => {
      this.behind = true
      this.become('offline')
      // The browser retries by itself unless the answer was not a stream.
      if (source.readyState !== EventSource.CLOSED) return
      this.trying = setTimeout(() => this.connect(), clock)
      void this.queries.invalidateQueries({ queryKey: sessionQuery.queryKey }) // perhaps it has ended
    })
    for (const kind of kinds) source.addEventListener(kind, message => this.take(message as MessageEvent<string>))
  }

  private disconnect() {
    clearTimeout(this.trying)
    this.source?.close()
    this.source = undefined
  }

  private take(message: MessageEvent<string>) {
    if (message.lastEventId) this.last = message.lastEventId
    const event = JSON.parse(message.data) as Event
    if (event.type === 'reset') return this.readAll()
    for (const key of staleAfter(event)) this.stale.set(JSON.stringify(key), key)
    this.count++
    this.reading ??= setTimeout(() => this.read(), this.round) // one reload for all events until then
  }

  private read() {
    this.reading = undefined
    const keys = [...this.stale.values()]
    const rate = (this.count / this.round) * 1000
    this.round = rate > bustle ? longer : gather
    this.stale.clear()
    this.count = 0
    if (rate > flood) return this.poll(Date.now() + calm)
    for (const queryKey of keys) void this.queries.invalidateQueries({ queryKey }, { cancelRefetch: false })
  }

  private poll(until: number) {
    this.disconnect()
    this.become('busy')
    this.readAll()
    this.trying = setTimeout(() => {
      if (Date.now() < until) return this.poll(until)
      this.last = '' // missed changes are loaded once the stream is open
      this.behind = true
      this.connect()
    }, clock)
  }

  private readAll() {
    void this.queries.invalidateQueries(undefined, { cancelRefetch: false })
  }

  private become(liveness: Liveness) {
    if (this.liveness === liveness) return
    this.liveness = liveness
    for (const watcher of this.watchers) watcher()
  }
}

/** The prefixes of query keys that an event makes stale. */
export function staleAfter(event: Event): QueryKey[] {
  const kind = event.type.split('.')[0]
  const keys: QueryKey[] = []
  if (kind === 'member' || kind === 'leader') return [['cluster']]
  if (event.job) keys.push(['job', event.job], ['jobs'])
  if (event.launch_id) keys.push(['launch', event.launch_id])
  if (kind === 'job') keys.push(['due'])
  if (kind === 'launch') keys.push(['launches'], ['due'])
  if (event.type === 'launch.ended' || event.type === 'job.deleted') keys.push(['alerts'], ['messages'])
  if (kind === 'execution') keys.push(['executions'])
  return keys
}
