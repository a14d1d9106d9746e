import { useNavigate } from '@tanstack/react-router'
import { useState, type KeyboardEvent, type RefObject } from 'react'
import { useShortcuts } from '@/ui/shortcuts'
import { endOf } from './entry'
import { choiceAt, entryOf, hit, nearest, stepFrom, type Choice } from './hit'
import { laneHeight, laneTop, type Row } from './rows'
import { timeAt, xOf, type View } from './scale'
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

/** The entry selected by the pointer or the keys. */
export function usePointed({ rows, view, width, now, moves, plot, reveal }: Pointing) {
  const navigate = useNavigate()
  const [choice, setChoice] = useState<Choice>()
  const [at, setAt] = useState<At>()
  const [cursor, setCursor] = useState<number>()
  const [byKeys, setByKeys] = useState(false)
  const chosen = entryOf(rows, choice)

  const clear = (): undefined => {
    setChoice(undefined)
    setAt(undefined)
    setCursor(undefined)
  }
  /** Selects the entry at a position, or none; returns its key. */
  const point = (place: (At & { x: number; y: number }) | undefined) => {
    setByKeys(false)
    if (!place) return clear()
    const found = choiceAt(rows, hit(rows, view, width, now, place.x, place.y))
    setChoice(found)
    setAt({ left: place.left, top: place.top })
    setCursor(timeAt(view, width, place.x))
    return found?.key
  }

  const choose = (row: Row, index: number | undefined) => {
    reveal(row.top, row.top + row.height)
    setByKeys(true)
    setCursor(undefined)
    const entry = index === undefined ? undefined : row.entries[index]
    setChoice({ row: row.name, key: entry?.key })
    const box = plot.current?.getBoundingClientRect()
    if (!entry || index === undefined || !box) return setAt(undefined)
    const end = endOf(entry, now)
    const outside = entry.start > view.to || end < view.from
    if (outside) moves.goTo({ at: entry.start })
    const middle = (Math.max(entry.start, view.from) + Math.min(end, view.to)) / 2
    setAt({
      left: box.left + (outside ? width / 2 : xOf(view, width, middle)),
      top: box.top + row.top + laneTop(row, row.lane[index]!) + laneHeight(row),
    })
  }
  const time = () => Math.min(Math.max(chosen?.start ?? now, view.from), view.to)
  const step = (by: 1 | -1) => {
    const row = rows.find(r => r.name === choice?.row) ?? rows[0]
    if (!row) return
    plot.current?.focus({ preventScroll: true })
    const from = chosen ? row.entries.indexOf(chosen) : -1
    choose(row, from < 0 ? nearest(row, time(), view) : (stepFrom(row, from, by) ?? from))
  }
  const turn = (by: 1 | -1) => {
    const from = rows.findIndex(r => r.name === choice?.row)
    const row = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)]
    if (row) choose(row, nearest(row, time(), view))
  }
  /** The launch of an entry; of a due time, its job. */
  const open = () => {
    if (chosen?.launch) void navigate({ to: '/launches/$launch', params: { launch: chosen.launch } })
    else if (chosen) void navigate({ to: '/jobs/$job', params: { job: chosen.job } })
  }
  const onKeyDown = useKeys({ step, turn, open, clear })
  /** The row, if selected by keys. */
  const row = byKeys ? choice?.row : undefined
  return { chosen, row, at, cursor, point, clear, open, onKeyDown }
}

interface Steps {
  step: (by: 1 | -1) => void
  turn: (by: 1 | -1) => void
  open: () => void
  clear: () => void
}

/** The keys of the chart: its own while focused, and two of the page. */
function useKeys({ step, turn, open, clear }: Steps) {
  const hear = (event: KeyboardEvent) => {
    const keys: Record<string, () => void> = {
      ArrowUp: () => turn(-1),
      ArrowDown: () => turn(1),
      Enter: open,
      Escape: clear,
    }
    if (!keys[event.key]) return
    event.preventDefault()
    keys[event.key]!()
  }
  useShortcuts([
    { keys: '.', what: 'Next entry of the timeline', action: () => step(1) },
    { keys: ',', what: 'Entry before it', action: () => step(-1) },
  ])
  return hear
}
