/** Lanes of a row: what overlaps lies one below the other. */

interface Span {
  start: number
  end: number
}

interface Lanes {
  /** For each span, which lane it is in, from 0 on. */
  lane: number[]
  /** How many there are; at least one. */
  count: number
}

/**
 * Each span goes to the first lane that is free when it starts, so that the number of lanes is how many overlap at most.
 * The spans are ordered by their start. Marks, which end where they start, overlap only with what is at the same instant.
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
