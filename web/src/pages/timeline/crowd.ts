import { endOf, type Entry } from './entry'
import { minute, spanOf, type View } from './scale'

/** How much happens at the same time. */
export interface Peak {
  at: number
  count: number
}

/** The count from `at` on. */
export type Step = Peak

/** The data of the strip of counts. */
export interface Crowd {
  running: Step[]
  firing: Step[]
  mostRunning?: Peak
  mostFiring?: Peak
}

/**
 * The number of running executions or launches as a list of changes. One that ends as another starts does not overlap it. Of
 * a band it is the mean.
 */
export function running(entries: readonly Entry[], now: number): Step[] {
  const turns: [at: number, by: number][] = []
  for (const e of entries) {
    if (e.kind !== 'ran') continue
    const end = Math.max(endOf(e, now), e.start + 1)
    const many = e.times ? Math.max((e.busy ?? 0) / (end - e.start), 0) : 1
    turns.push([e.start, many], [end, -many])
  }
  turns.sort((a, b) => a[0] - b[0])
  const steps: Step[] = []
  let exact = 0
  for (const [at, by] of turns) {
    exact += by
    const count = Math.round(exact * 10) / 10
    const last = steps.at(-1)
    if (last?.at === at) last.count = count
    else steps.push({ at, count })
  }
  return steps
}

/**
 * The number of due times in each non-empty minute, in order. `entries` has a mark per job and time, or a band, whose due
 * times are spread evenly. Marks on several nodes follow each other and count once.
 */
export function firing(entries: readonly Entry[]): Step[] {
  const marks = new Map<number, number>()
  const turns = new Map<number, number>() // where the sum of the bands' rates changes
  const add = (to: Map<number, number>, at: number, n: number) => to.set(at, (to.get(at) ?? 0) + n)
  let last: Entry | undefined
  for (const e of entries) {
    if (e.kind !== 'due' || (e.start === last?.start && e.job === last.job)) continue
    last = e
    const first = minuteOf(e.start)
    if (!e.times) {
      add(marks, first, 1)
      continue
    }
    const end = minuteOf(e.end) + minute
    const rate = (e.times * minute) / (end - first)
    add(turns, first, rate)
    add(turns, end, -rate)
  }
  for (const [at, count] of evenly(turns)) add(marks, at, count)
  return [...marks].map(([at, count]) => ({ at, count })).toSorted((a, b) => a.at - b.at)
}

/** Counts per minute from changes of a rate. */
function* evenly(turns: Map<number, number>): Generator<[at: number, count: number]> {
  const sorted = [...turns].toSorted((a, b) => a[0] - b[0])
  let rate = 0
  for (const [i, [at, by]] of sorted.entries()) {
    rate += by
    const count = Math.round(rate)
    if (count > 0) for (let m = at; m < (sorted[i + 1]?.[0] ?? at); m += minute) yield [m, count]
  }
}

const minuteOf = (at: number) => Math.floor(at / minute) * minute

/** The highest count within a view; undefined if there is none. */
export function peakOf(steps: readonly Step[], view: View, length = Infinity): Peak | undefined {
  let peak: Peak | undefined
  steps.forEach((step, i) => {
    const until = Math.min(steps[i + 1]?.at ?? Infinity, step.at + length)
    if (until <= view.from || step.at >= view.to || step.count <= (peak?.count ?? 0)) return
    peak = { at: Math.max(step.at, view.from), count: step.count }
  })
  return peak
}

/** The highest count in each of `columns` parts of a view; a count lasts for `length` at most. */
export function columnsOf(steps: readonly Step[], view: View, columns: number, length = Infinity): number[] {
  const highest = Array.from({ length: columns }, () => 0)
  const perMs = columns / spanOf(view)
  steps.forEach((step, i) => {
    if (step.count === 0) return
    const until = Math.min(steps[i + 1]?.at ?? view.to, step.at + length)
    if (until < view.from || step.at > view.to) return
    const first = Math.max(0, Math.floor((step.at - view.from) * perMs))
    const last = Math.min(columns - 1, Math.max(first, Math.ceil((until - view.from) * perMs) - 1))
    for (let c = first; c <= last; c++) highest[c] = Math.max(highest[c]!, step.count)
  })
  return highest
}

/** Counts per minute. */
interface Minutes {
  from: number
  counts: readonly number[]
}

/** The due times per minute: counted ones where there are counts, listed ones elsewhere. */
export function firingOn(listed: readonly Step[], { from: first, counts }: Minutes): Step[] {
  const on = counts.map((n, i) => ({ at: first + i * minute, count: n })).filter(s => s.count > 0)
  const end = first + counts.length * minute
  return [...listed.filter(s => s.at < first), ...on, ...listed.filter(s => s.at >= end)]
}

/** A mean of bands in whole numbers: several that hardly run still are one at times. */
const whole = (peak: Peak | undefined) => peak && { ...peak, count: Math.ceil(peak.count) }

/** The strip of counts of a view. */
export const crowdOf = (steps: Pick<Crowd, 'running' | 'firing'>, view: View): Crowd => ({
  ...steps,
  mostRunning: whole(peakOf(steps.running, view)),
  mostFiring: peakOf(steps.firing, view, minute),
})
