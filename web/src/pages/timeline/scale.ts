/** The visible part of time. Times are in milliseconds. */
export interface View {
  from: number
  to: number
}

export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

export const presets = [
  { label: '15 min', span: 15 * minute },
  { label: '1 h', span: hour },
  { label: '6 h', span: 6 * hour },
  { label: '24 h', span: day },
  { label: '7 d', span: 7 * day },
] as const

/** The position of now in a view that follows it: mostly past, some future. */
const present = 0.65

/** The view of a span around its middle, or around now without one. */
export function viewOf(at: number | undefined, span: number, now: number): View {
  const from = at === undefined ? now - span * present : at - span / 2
  return { from, to: from + span }
}

export const spanOf = (v: View) => v.to - v.from
export const middleOf = (v: View) => (v.from + v.to) / 2
export const xOf = (v: View, width: number, t: number) => ((t - v.from) / spanOf(v)) * width
export const timeAt = (v: View, width: number, x: number) => v.from + (x / width) * spanOf(v)

/** Makes the span `factor` times as long; the time at `share` of the width stays where it is. */
export function zoom(v: View, factor: number, share: number, least: number, most: number): View {
  const span = Math.min(Math.max(spanOf(v) * factor, least), most)
  const fixed = v.from + spanOf(v) * share
  const from = fixed - span * share
  return { from, to: from + span }
}

export function pan(v: View, share: number): View {
  const by = spanOf(v) * share
  return { from: v.from + by, to: v.to + by }
}

/**
 * What is read for a view: some more at both sides, between round times, so that little moves and small zooms ask for
 * nothing new.
 */
export function windowOf(v: View): View {
  const step = 2 ** Math.ceil(Math.log2(spanOf(v) / 2))
  const margin = step / 4
  return { from: Math.floor((v.from - margin) / step) * step, to: Math.ceil((v.to + margin) / step) * step }
}
