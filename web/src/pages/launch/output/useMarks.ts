import { useCallback, useEffect, useRef } from 'react'
import type { Feed } from './Feed'
import type { Line, Lines } from './lines'
import { extended, fragmentOf, indexOf, placeOf, type Mark } from './place'

/** The lines that the address marks, and how to mark others. */
export interface Marks {
  mark?: Mark
  /** The address of the marked lines, or of a line. */
  address: string
  href: (line: Line | undefined) => string | undefined
  /** Marks a kept line, or all from the marked one to it. */
  choose: (index: number, extend: boolean) => void
  clear: () => void
  /** The first and the last marked line among those kept. */
  range: (lines: Lines) => { from: number; to: number } | undefined
  /** Whether the mark was just found for the first time, other than by a click here. */
  arrived: () => boolean
}

/** `base` is the page's address with this output and no mark; `set` puts a mark into it. */
export function useMarks(
  feed: Feed,
  mark: Mark | undefined,
  output: number,
  base: string,
  set: (mark: Mark | undefined) => void,
): Marks {
  const text = mark && fragmentOf(mark, output)
  const seen = useRef<string>(undefined)
  const newest = useRef({ mark, set })
  useEffect(() => {
    newest.current = { mark, set }
  })
  const choose = useCallback(
    (index: number, extend: boolean) => {
      const place = placeOf(feed.lines.kept[index])
      if (!place) return
      const next = extend ? extended(newest.current.mark, place, feed.lines) : { from: place, to: place }
      seen.current = fragmentOf(next, output)
      newest.current.set(next)
    },
    [feed, output],
  )
  return {
    mark,
    address: `${base}#${text ?? ''}`,
    href: line => {
      const place = placeOf(line)
      return place && `${base}#${fragmentOf({ from: place, to: place }, output)}`
    },
    choose,
    clear: () => set(undefined),
    range: lines => {
      if (!mark) return undefined
      const from = indexOf(lines, mark.from)
      if (from === undefined) return undefined
      return { from, to: indexOf(lines, mark.to) ?? from }
    },
    arrived: () => {
      if (seen.current === text) return false
      seen.current = text
      return true
    },
  }
}
