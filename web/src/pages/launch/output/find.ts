import type { Lines } from './lines'

/** A match of the search text. */
export interface Hit {
  /** Counted from the very first line, including dropped ones. */
  line: number
  at: number
}

const most = 100_000

/** Every position of a needle in a text, ignoring case. */
export function placesOf(text: string, needle: string): number[] {
  const lower = text.toLowerCase()
  const hay = lower.length === text.length ? lower : text // if lower case changes the length, positions would be wrong
  const places: number[] = []
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) places.push(at)
  return places
}

/** Searches lines that keep growing, a bit at a time. */
export class Finder {
  hits: Hit[] = []
  /** Whether there are more than it keeps. */
  full = false
  readonly needle: string
  private next = 0

  constructor(
    private readonly lines: Lines,
    query: string,
  ) {
    this.needle = query.toLowerCase()
  }

  /** Continues until all is searched or the time is up. Returns whether all is searched. */
  advance(ms = Infinity): boolean {
    if (!this.needle) return true
    const until = performance.now() + ms
    const { forgotten, count } = this.lines
    if ((this.hits[0]?.line ?? forgotten) < forgotten) this.hits = this.hits.filter(hit => hit.line >= forgotten)
    // The last line may have changed since it was seen.
    while ((this.hits.at(-1)?.line ?? -1) >= this.next) this.hits.pop()
    this.full = this.hits.length >= most
    for (let line = Math.max(this.next, forgotten); line < count && !this.full; line++) {
      if (line % 256 === 0 && performance.now() > until) return false
      this.look(line)
      if (line < count - 1) this.next = line + 1
    }
    return true
  }

  private look(line: number) {
    for (const at of placesOf(this.lines.kept[line - this.lines.forgotten]!.text, this.needle)) {
      if (this.hits.length >= most) {
        this.full = true
        return
      }
      this.hits.push({ line, at })
    }
  }
}

/** How many hits are before a place. */
export function before(hits: readonly Hit[], { line, at }: Hit): number {
  let low = 0
  let high = hits.length
  while (low < high) {
    const middle = (low + high) >> 1
    const hit = hits[middle]!
    if (hit.line < line || (hit.line === line && hit.at < at)) low = middle + 1
    else high = middle
  }
  return low
}

/** The hit after or before the current one, or from the line `top` without one. It wraps around. */
export function neighbour(hits: readonly Hit[], current: Hit | undefined, top: number, step: 1 | -1): Hit | undefined {
  if (!hits.length) return undefined
  if (!current) {
    const first = before(hits, { line: top, at: 0 })
    return hits[(step > 0 ? first : first - 1 + hits.length) % hits.length]
  }
  const here = before(hits, current)
  return hits[(here + step + hits.length) % hits.length]
}
