import { useEffect, useState } from 'react'
import type { Feed } from './Feed'
import { before, Finder, neighbour, type Hit } from './find'

const share = 8 // ms per frame for searching

export interface Find {
  query: string
  setQuery: (query: string) => void
  needle: string
  /** How many matches there are, and whether there are more. */
  count: number
  full: boolean
  current?: Hit
  /** Counted from 1; 0 if none is selected. */
  rank: number
  /** Selects the next (1) or previous (-1); starts from the line `top` if none is selected. */
  go: (step: 1 | -1, top: number) => Hit | undefined
}

/** Searches an output that keeps growing. */
export function useFind(feed: Feed): Find {
  const [query, setQuery] = useState('')
  const [finder, setFinder] = useState<Finder>()
  const [current, setCurrent] = useState<Hit>()
  const [, setSeen] = useState(0)

  useEffect(() => {
    if (!finder) return
    let frame = 0
    const look = () => {
      frame = 0
      if (!finder.advance(share)) soon()
      setSeen(n => n + 1)
    }
    const soon = () => (frame ||= requestAnimationFrame(look))
    soon()
    const leave = feed.subscribe(soon)
    return () => {
      leave()
      cancelAnimationFrame(frame)
    }
  }, [feed, finder])

  const hits = finder?.hits ?? []
  return {
    query,
    setQuery: text => {
      setQuery(text)
      setFinder(text ? new Finder(feed.lines, text) : undefined)
      setCurrent(undefined)
    },
    needle: finder?.needle ?? '',
    count: hits.length,
    full: finder?.full ?? false,
    current,
    rank: current && hits.length ? before(hits, current) + 1 : 0,
    go: (step, top) => {
      const hit = neighbour(hits, current, top, step)
      setCurrent(hit)
      return hit
    },
  }
}
