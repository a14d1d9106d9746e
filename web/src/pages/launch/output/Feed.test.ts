import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Feed } from './Feed'
import { plainText } from './lines'

/** A stream in place of the browser's, which the test speaks for. */
class Stream extends EventTarget {
  static readonly CLOSED = 2
  static all: Stream[] = []
  readyState = 1
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
    Stream.all.push(this)
  }
  close() {
    this.readyState = 2
  }
  say(type: string, data: unknown, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }))
  }
  refuse() {
    this.readyState = 2
    this.dispatchEvent(new Event('error'))
  }
}

const text = (feed: Feed) => plainText(feed.lines.kept)

beforeEach(() => {
  vi.useFakeTimers()
  Stream.all = []
  vi.stubGlobal('EventSource', Stream)
  return () => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  }
})

describe('an output that is followed', () => {
  it('grows by what comes, once a frame, until the execution ends', () => {
    const feed = new Feed()
    feed.start('a', '1-n')
    const [stream] = Stream.all
    expect(stream!.url).toContain('v1/jobs/a/executions/1-n/output?follow&offset=0')
    stream!.say('output', 'one\n', '4')
    expect(text(feed)).toBe('')
    vi.runAllTimers()
    stream!.say('gap', { from: 4, to: 100 })
    stream!.say('output', 'two', '103')
    stream!.say('end', {})
    vi.runAllTimers()
    expect(text(feed)).toBe('one\n[... 96 bytes not kept ...]\ntwo')
    expect([feed.state, feed.missing, stream!.readyState]).toEqual(['ended', 96, 2])
  })

  it('does not repeat what it has when the stream begins again', () => {
    const feed = new Feed()
    feed.start('a', '1-n')
    const [stream] = Stream.all
    stream!.say('output', 'one', '3')
    stream!.say('output', 'one', '3')
    vi.runAllTimers()
    expect(text(feed)).toBe('one')
  })

  it('goes on where it was on a server that refused for a while', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('no leader', { status: 503 }))
    const feed = new Feed()
    const stop = feed.start('a', '1-n')
    Stream.all[0]!.say('output', 'one', '3')
    Stream.all[0]!.refuse()
    expect(feed.state).toBe('interrupted')
    await vi.advanceTimersByTimeAsync(5000)
    expect(Stream.all[1]!.url).toContain('offset=3')
    Stream.all[1]!.say('output', ' two', '7')
    stop()
    expect(text(feed)).toBe('one two')
  })

  it('gives up when there is no such execution', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('gone', { status: 404 }))
    const feed = new Feed()
    feed.start('a', '1-n')
    for (let i = 0; i < 3; i++) {
      Stream.all[i]!.refuse()
      await vi.advanceTimersByTimeAsync(3000)
    }
    expect([feed.state, feed.error?.message]).toEqual(['failed', 'gone'])
    expect(Stream.all).toHaveLength(3)
  })
})
