import { api, body } from '@/api/client'
import { ApiError } from '@/api/error'
import { outputURL, type Execution } from '@/api/executions'
import { signedOut } from '@/api/signedOut'

/** Receives an output. */
export interface Sink {
  /** Bytes received so far. */
  readonly offset: number
  output(text: string, offset: number): void
  /** Bytes that are no longer stored. */
  gap(bytes: number, offset: number): void
  connected(): void
  interrupted(): void
  ended(execution: Execution): void
  failed(error: Error): void
}

const pause = 2000 // ms before a retry
const patience = 3 // 404s before giving up: a server may lag

/**
 * Streams an output until the execution ends, across lost connections, server restarts and leader changes. Returns a
 * function that stops it.
 */
export function follow(job: string, id: string, sink: Sink): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  let done = false
  let refusals = 0

  function connect() {
    source = new EventSource(`${outputURL(job, id)}?follow&offset=${sink.offset}`)
    source.addEventListener('open', () => {
      refusals = 0
      sink.connected()
    })
    source.addEventListener('output', message => {
      const offset = Number(message.lastEventId)
      if (offset > sink.offset) sink.output(JSON.parse(message.data as string) as string, offset)
    })
    source.addEventListener('gap', message => {
      const { from, to } = JSON.parse(message.data as string) as { from: number; to: number }
      if (to > sink.offset) sink.gap(to - Math.max(from, sink.offset), to)
    })
    source.addEventListener('end', message => {
      stop()
      sink.ended(JSON.parse(message.data as string) as Execution)
    })
    source.addEventListener('error', () => {
      sink.interrupted()
      // The browser retries by itself unless the answer was not a stream; then ask for the reason.
      if (source.readyState === EventSource.CLOSED) void inquire()
    })
  }

  async function inquire() {
    try {
      await body(api.GET('/v1/jobs/{job}/executions/{id}', { params: { path: { job, id } } }))
    } catch (error) {
      if (signedOut.state()) {
        if (!done) timer = setTimeout(() => void inquire(), pause) // until somebody signs in again
        return
      }
      const passing = error instanceof ApiError && error.passing
      if (!passing && ++refusals >= patience) {
        if (!done) sink.failed(error as Error)
        return
      }
    }
    if (!done) timer = setTimeout(connect, pause)
  }

  function stop() {
    done = true
    clearTimeout(timer)
    source.close()
  }

  connect()
  return stop
}
