import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNow } from '@/ui/useNow'
import { hour, middleOf, pan, second, spanOf, viewOf, zoom, type View } from './scale'
import { leastSpan, mostSpan, type TimelineSearch } from './search'

/** What part of time is shown; `at` is absent while it follows the present. */
interface Place {
  at?: number
  span: number
}

export interface Moves {
  /** At a share of the width; without one, around the middle or the present. */
  zoomBy: (factor: number, share?: number) => void
  /** By a share of the width. */
  panBy: (share: number) => void
  /** To a span, or to a time, or both. Without a time it stays where it is; null is the present. */
  goTo: (to: { span?: number; at?: number | null }) => void
}

const rest = 250 // ms without a move after which the address tells the place

/** The view: it moves at once, and the address follows when it rests. */
export function useView() {
  const search = useSearch({ from: '/timeline' })
  const change = useChange()
  const now = useNow()
  const asked = placeOf(search)
  const [moving, setMoving] = useState<Place>()
  const place = moving ?? asked
  const latest = useRef({ place, now })
  useEffect(() => {
    latest.current = { place, now }
  })

  useEffect(() => {
    if (!moving) return
    const timer = setTimeout(async () => {
      await change({
        at: moving.at === undefined ? undefined : new Date(Math.round(moving.at / second) * second).toISOString(),
        span: moving.span === hour ? undefined : Math.round(moving.span / second),
      })
      setMoving(undefined)
    }, rest)
    return () => clearTimeout(timer)
  }, [moving, change])

  const move = useCallback((how: (from: Place, seen: View) => Place) => {
    const last = latest.current
    const next = how(last.place, viewOf(last.place.at, last.place.span, last.now))
    latest.current = { ...last, place: next } // several moves may come before it is drawn
    setMoving(next)
  }, [])

  const [moves] = useState<Moves>(() => ({
    zoomBy: (factor, share) =>
      move((from, seen) => {
        const next = zoom(seen, factor, share ?? 0.5, leastSpan * second, mostSpan * second)
        return share === undefined ? { ...from, span: spanOf(next) } : placed(next)
      }),
    panBy: share => move((_, seen) => placed(pan(seen, share))),
    goTo: ({ span, at }) =>
      move(from => ({ span: span ?? from.span, at: at === undefined ? from.at : (at ?? undefined) })),
  }))
  const view = useMemo(() => viewOf(place.at, place.span, now), [place.at, place.span, now])
  return {
    view,
    /** Where it rests: what is read follows this one. */
    resting: viewOf(asked.at, asked.span, now),
    follows: place.at === undefined,
    now,
    moves,
  }
}

const placed = (view: View): Place => ({ at: middleOf(view), span: spanOf(view) })

const placeOf = ({ at, span }: TimelineSearch): Place => ({
  at: at === undefined ? undefined : Date.parse(at),
  span: span === undefined ? hour : span * second,
})

/** Changes the address, without a step in the browser's history. */
export function useChange() {
  const navigate = useNavigate({ from: '/timeline' })
  return useCallback(
    (to: Partial<TimelineSearch>) =>
      navigate({ to: '.', search: prev => ({ ...prev, ...to }), replace: true, resetScroll: false }),
    [navigate],
  )
}
