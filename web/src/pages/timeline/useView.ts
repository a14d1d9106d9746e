import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useNow } from '@/ui/useNow'
import { hour, middleOf, pan, second, spanOf, viewOf, zoom, type View } from './scale'
import { leastSpan, mostSpan, type TimelineSearch } from './search'

/** The visible part of time; `at` is absent while it follows now. */
interface Place {
  at?: number
  span: number
}

export interface Moves {
  /** Zooms around a share of the width; without one, around the middle or now. */
  zoomBy: (factor: number, share?: number) => void
  /** By a share of the width. */
  panBy: (share: number) => void
  /** Goes to a span, a time, or both. Without a time the place stays; null is now. */
  goTo: (to: { span?: number; at?: number | null }) => void
}

const rest = 250 // ms without a move before the address is updated

/** The view: it moves at once; the address follows when it stops. */
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
    latest.current = { ...last, place: next } // several moves may happen before it is drawn
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
    /** The view after it stops: data is loaded for this one. */
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
