import type { Lines } from './lines'

/** Where the text that is looked for stands. */
export interface Hit {
  /** Counted from the first of all, also those that were forgotten. */
  line: number
  at: number
}

const most = 100_000

/** Every place of a needle in a text, in either case. */
export function placesOf(text: string, needle: string): number[] {
  const lower = text.toLowerCase()
  const hay = lower.length === text.length ? lower : text // where letters change their length, places would be wrong
  const places: number[] = []
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) places.push(at)
  return places
}

/** Looks for a text in lines that go on growing, a bit at a time. */
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

  /** Goes on until it has seen all, or the time is over. Returns whether it has seen all. */
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

/** The hit after the current one, or before it; from `top`, a line, where there is none. It goes round at the ends. */
export function neighbour(hits: readonly Hit[], current: Hit | undefined, top: number, step: 1 | -1): Hit | undefined {
  if (!hits.length) return undefined
  if (!current) {
    const first = before(hits, { line: top, at: 0 })
    return hits[(step > 0 ? first : first - 1 + hits.length) % hits.length]
  }
  const here = before(hits, current)
  return hits[(here + step + hits.length) % hits.length]
}
