/** Lanes of a row: overlapping spans are stacked. */

interface Span {
  start: number
  end: number
}

interface Lanes {
  /** The lane of each span, from 0. */
  lane: number[]
  /** How many there are; at least one. */
  count: number
}

/**
 * Each span goes to the first lane that is free when it starts, so that there are as many lanes as spans overlap at most.
 * Spans are ordered by start. Marks, which end where they start, overlap only what is at the same instant.
 */
export function lanesOf(spans: readonly Span[]): Lanes {
  const free: number[] = [] // per lane: when it is free again
  const lane = spans.map(({ start, end }) => {
    let i = free.findIndex(at => at <= start)
    if (i < 0) i = free.length
    free[i] = end === start ? start + 1 : end
    return i
  })
  return { lane, count: Math.max(free.length, 1) }
}
