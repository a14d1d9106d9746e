import type { Execution } from '@/api/executions'
import { Lines } from './lines'
import { follow, type Sink } from './source'

export type FeedState = 'connecting' | 'live' | 'interrupted' | 'ended' | 'failed'

const share = 8 // ms per frame for processing pieces
const least = 1000 // ms after which pieces are processed without a frame: the tab is hidden

/** An output being read: its lines, which grow once per frame, and the state of the connection. */
export class Feed implements Sink {
  readonly lines = new Lines()
  state: FeedState = 'connecting'
  error?: Error
  offset = 0
  /** Bytes that are no longer stored. */
  missing = 0
  private end?: Execution
  private waiting: { piece: string | number; end: number }[] = []
  private changes = 0
  private readonly watchers = new Set<() => void>()
  private frame = 0
  private timer?: ReturnType<typeof setTimeout>

  /** Starts reading; returns a function that stops it. What was read stays. */
  start(job: string, id: string): () => void {
    if (this.state === 'ended') return () => {}
    const stop = follow(job, id, this)
    return () => {
      stop()
      this.take(Infinity)
    }
  }

  readonly subscribe = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  /** Counts the changes. */
  readonly version = () => this.changes

  output(text: string, offset: number) {
    this.waiting.push({ piece: text, end: offset })
    this.offset = offset
    this.soon()
  }

  gap(bytes: number, offset: number) {
    this.waiting.push({ piece: bytes, end: offset })
    this.missing += bytes
    this.offset = offset
    this.soon()
  }

  connected() {
    this.become('live')
  }

  interrupted() {
    this.become('interrupted')
  }

  ended(execution: Execution) {
    this.end = execution
    this.soon()
  }

  failed(error: Error) {
    this.error = error
    this.become('failed')
  }

  private become(state: FeedState) {
    if (this.state === state) return
    this.state = state
    this.changed()
  }

  private soon() {
    if (this.frame) return
    this.frame = requestAnimationFrame(this.draw)
    this.timer = setTimeout(this.draw, least)
  }

  private readonly draw = () => this.take(share)

  private take(ms: number) {
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timer)
    this.frame = 0
    const until = performance.now() + ms
    let taken = 0
    do {
      const next = this.waiting[taken++]
      if (typeof next?.piece === 'string') this.lines.write(next.piece, next.end)
      else if (next) this.lines.gap(next.piece, next.end)
    } while (taken < this.waiting.length && performance.now() < until)
    this.waiting.splice(0, taken)
    if (this.waiting.length) this.soon()
    else if (this.end) this.state = 'ended'
    this.changed()
  }

  private changed() {
    this.changes++
    for (const watcher of this.watchers) watcher()
  }
}
