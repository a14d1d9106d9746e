import { describe, expect, it } from 'vitest'
import { byReason, each } from './each'

const quiet = { width: 4, signal: new AbortController().signal, progress: () => {} }

describe('each', () => {
  it('runs no more than the limit at once', async () => {
    let now = 0
    let most = 0
    const tally = await each(
      Array.from({ length: 20 }, (_, i) => i),
      async () => {
        most = Math.max(most, ++now)
        await Promise.resolve()
        now--
      },
      quiet,
    )
    expect(most).toBe(4)
    expect(tally).toEqual({ done: 20, failures: [] })
  })

  it('goes on after a failure and says why', async () => {
    const tally = await each([1, 2, 3], n => (n === 2 ? Promise.reject(new Error('no')) : Promise.resolve()), quiet)
    expect(tally).toEqual({ done: 2, failures: [{ item: 2, why: 'no' }] })
  })

  it('starts nothing after it was cancelled', async () => {
    const cancel = new AbortController()
    const tally = await each(
      [1, 2, 3, 4, 5],
      async n => {
        if (n === 2) cancel.abort()
      },
      { ...quiet, width: 1, signal: cancel.signal },
    )
    expect(tally.done).toBe(2)
  })
})

it('gathers failures by their reason', () => {
  const groups = byReason([
    { item: 'a', why: 'x' },
    { item: 'b', why: 'y' },
    { item: 'c', why: 'y' },
  ])
  expect(groups).toEqual([
    { why: 'y', items: ['b', 'c'] },
    { why: 'x', items: ['a'] },
  ])
})
