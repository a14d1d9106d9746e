import { useNavigate } from '@tanstack/react-router'
import { useState, type KeyboardEvent, type RefObject } from 'react'
import { useShortcuts } from '@/app/shortcuts'
import { endOf } from './entry'
import { entryAt, hit, stepFrom, type Spot } from './hit'
import { laneHeight, laneTop, type Row } from './rows'
import { middleOf, timeAt, xOf, type View } from './scale'
import type { Moves } from './useView'

interface Pointing {
  rows: Row[]
  view: View
  width: number
  now: number
  moves: Moves
  plot: RefObject<HTMLElement | null>
  reveal: (from: number, to: number) => void
}

interface At {
  left: number
  top: number
}

/** What the pointer or the keys have chosen. */
export function usePointed({ rows, view, width, now, moves, plot, reveal }: Pointing) {
  const navigate = useNavigate()
  const [spot, setSpot] = useState<Spot>()
  const [at, setAt] = useState<At>()
  const [cursor, setCursor] = useState<number>()
  const [byKeys, setByKeys] = useState(false)

  const clear = () => {
    setSpot(undefined)
    setAt(undefined)
    setCursor(undefined)
  }
  const point = (place: (At & { x: number; y: number }) | undefined) => {
    setByKeys(false)
    if (!place) return clear()
    setSpot(hit(rows, view, width, now, place.x, place.y))
    setAt({ left: place.left, top: place.top })
    setCursor(timeAt(view, width, place.x))
  }
  const choose = (next: Spot) => {
    const row = rows[next.row]
    const entry = row?.entries[next.index]
    const box = plot.current?.getBoundingClientRect()
    if (!row || !box) return
    reveal(row.top, row.top + row.height)
    setByKeys(true)
    setCursor(undefined)
    setSpot(next)
    if (!entry) return setAt(undefined)
    const middle = (Math.max(entry.start, view.from) + Math.min(endOf(entry, now), view.to)) / 2
    if (entry.start > view.to || endOf(entry, now) < view.from) {
      moves.goTo({ at: entry.start })
      setAt(undefined)
    } else {
      const y = row.top + laneTop(row, row.lane[next.index]!) + laneHeight(row)
      setAt({ left: box.left + xOf(view, width, middle), top: plot.current!.getBoundingClientRect().top + y })
    }
  }
  const step = (by: 1 | -1) => {
    const row = spot?.row ?? 0
    if (!rows[row]) return
    const index = stepFrom(rows[row], spot?.index === -1 ? undefined : spot?.index, middleOf(view), by)
    plot.current?.focus({ preventScroll: true })
    if (index !== undefined) choose({ row, index })
  }
  const turn = (by: 1 | -1) => {
    const row = Math.min(Math.max(spot ? spot.row + by : 0, 0), rows.length - 1)
    if (!rows[row]) return
    const time = entryAt(rows, spot)?.start ?? middleOf(view)
    const index = stepFrom(rows[row], undefined, time, 1) ?? stepFrom(rows[row], undefined, time, -1) ?? -1
    choose({ row, index })
  }
  /** The launch of an entry; of a due time, its job. */
  const open = () => {
    const entry = entryAt(rows, spot)
    if (entry?.launch) void navigate({ to: '/launches/$launch', params: { launch: entry.launch } })
    else if (entry) void navigate({ to: '/jobs/$job', params: { job: entry.job } })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const what = { ArrowUp: () => turn(-1), ArrowDown: () => turn(1), Enter: open, Escape: clear }[event.key]
    if (!what) return
    event.preventDefault()
    what()
  }
  useShortcuts([
    { keys: '.', what: 'Next entry of the timeline', action: () => step(1) },
    { keys: ',', what: 'Entry before it', action: () => step(-1) },
  ])
  return { spot, at, cursor, byKeys, point, clear, open, onKeyDown }
}
