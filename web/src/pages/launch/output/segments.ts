import type { Style } from './ansi'
import type { Line } from './lines'

/** A part of a line that looks the same throughout. */
export interface Segment {
  at: number
  text: string
  style?: Style
  found?: 'hit' | 'current'
}

/** The parts of a line, split where the style changes and where matches start and end. */
export function segments(line: Pick<Line, 'text' | 'runs'>, places: number[], length: number, current = -1): Segment[] {
  const { text } = line
  const runs = line.runs ?? [{ end: text.length, style: undefined }]
  const parts: Segment[] = []
  let at = 0
  let run = 0
  let place = 0
  while (at < text.length) {
    while (runs[run] && runs[run]!.end <= at) run++
    while (place < places.length && places[place]! + length <= at) place++
    const start = places[place] ?? Infinity
    const inside = at >= start
    const end = Math.min(runs[run]?.end ?? text.length, inside ? start + length : start, text.length)
    parts.push({
      at,
      text: text.slice(at, end),
      style: runs[run]?.style,
      found: inside ? (start === current ? 'current' : 'hit') : undefined,
    })
    at = end
  }
  return parts
}
