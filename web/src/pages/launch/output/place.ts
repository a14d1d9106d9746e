import type { Line, Lines } from './lines'

/**
 * A line of an output: by its number or, after a gap, where numbers are not known, by the byte of the output with which it
 * begins. Both stay right when more is written and when the execution ends.
 */
type Place = { number: number } | { byte: number }

/** Marked lines, first and last. */
export interface Mark {
  from: Place
  to: Place
}

export function placeOf(line: Line | undefined): Place | undefined {
  if (line?.number !== undefined) return { number: line.number }
  if (line?.after !== undefined && line.start !== undefined) return { byte: line.start }
  return undefined
}

/** `L120` or, after a gap, `B4711`. */
const placeText = (place: Place) => ('number' in place ? `L${place.number}` : `B${place.byte}`)

const same = (a: Place, b: Place) => placeText(a) === placeText(b)

/** The fragment of an address: `L10`, `L10-L20`; that of the second output shown begins with `2.`. */
export function fragmentOf({ from, to }: Mark, output = 0): string {
  const lines = same(from, to) ? placeText(from) : `${placeText(from)}-${placeText(to)}`
  return output ? `${output + 1}.${lines}` : lines
}

const form = /^(?:([1-9])\.)?([LB]\d{1,15})(?:-([LB]?\d{1,15}))?$/

/** Reads such a fragment. */
export function parseFragment(text: string): { mark: Mark; output: number } | undefined {
  const [, output = '1', first, last] = form.exec(text) ?? []
  if (!first) return undefined
  const from = parsePlace(first)
  const to = last ? parsePlace(/^\d/.test(last) ? first[0] + last : last) : from
  return { mark: { from, to }, output: Number(output) - 1 }
}

const parsePlace = (text: string): Place => {
  const n = Number(text.slice(1))
  return text[0] === 'L' ? { number: n } : { byte: n }
}

/** A mark from where one was to another line. */
export function extended(mark: Mark | undefined, to: Place, lines: Lines): Mark {
  const from = mark?.from ?? to
  const [a, b] = [indexOf(lines, from), indexOf(lines, to)]
  return a !== undefined && b !== undefined && b < a ? { from: to, to: from } : { from, to }
}

/** Where a line is among those kept; undefined if it has not come yet or is not kept. */
export function indexOf(lines: Lines, place: Place): number | undefined {
  const { kept, forgotten } = lines
  if ('byte' in place) {
    let low = 0
    let high = kept.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((kept[middle]!.start ?? 0) <= place.byte) low = middle + 1
      else high = middle
    }
    // The last line may go on; what comes after it has not come yet.
    if (low === 0 || kept[low - 1]!.gap !== undefined || place.byte >= lines.position) return undefined
    return low - 1
  }
  for (let i = Math.max(0, place.number - 1 - forgotten); i < kept.length; i++) {
    const { number } = kept[i]!
    if (number === place.number) return i
    if ((number ?? 0) > place.number) return undefined
  }
  return undefined
}

/** For people: `line 12`, `lines 12–20`. Lines after a gap are counted from there. */
export function markWords({ from, to }: Mark, lines: Lines): string {
  const words = (place: Place) => {
    if ('number' in place) return String(place.number)
    const after = lines.kept[indexOf(lines, place) ?? -1]?.after
    return after === undefined ? `at byte ${place.byte}` : `+${after}`
  }
  return same(from, to) ? `line ${words(from)}` : `lines ${words(from)}–${words(to)}`
}
