import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState, type PointerEvent, type ReactNode, type RefObject } from 'react'
import { useZone } from '@/ui/zone'
import classes from './Chart.module.css'
import type { Crowd } from './crowd'
import { Labels } from './Labels'
import { headHeight, paintHead, type Scene } from './paint'
import { paintRows } from './paintRows'
import { paletteOf } from './palette'
import { heightOf, rowsBetween, type Row } from './rows'
import type { View } from './scale'
import { ticksOf } from './ticks'
import { Tip } from './Tip'
import { useCanvas } from './useCanvas'
import { useGestures } from './useGestures'
import { usePointed } from './usePointed'
import type { Moves } from './useView'
import { noNode, sentenceOf } from './words'

interface Props {
  rows: Row[]
  by: 'job' | 'node'
  view: View
  now: number
  moves: Moves
  crowd: Crowd
  readFrom?: number
  /** Shown if there are no rows. */
  empty?: ReactNode
}

const spare = 300 // pixels drawn above and below the visible part, for scrolling
const emptyHeight = 290

/** The chart: a strip of counts and the axis, and below it a row per job or node. */
export function Chart({ rows, by, view, now, moves, crowd, readFrom, empty }: Props) {
  const plot = useRef<HTMLDivElement>(null)
  const sheet = useRef<HTMLDivElement>(null)
  const width = useWidth(plot)
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const palette = useMemo(() => paletteOf(document.body, scheme === 'dark'), [scheme])
  const zone = useZone()
  const scroll = useScroll(sheet)
  const pointed = usePointed({ rows, view, width, now, moves, plot, reveal: scroll.reveal })
  const handlers = useHandlers(pointed, useGestures(plot, width, moves))

  const total = Math.max(heightOf(rows), rows.length ? 0 : emptyHeight)
  const top = Math.max(0, scroll.top - spare)
  const height = Math.min(total - top, scroll.seen + 2 * spare)
  const seen = useMemo(() => rowsBetween(rows, top, top + height), [rows, top, height])
  const { chosen } = pointed
  const ticks = useMemo(() => ticksOf(view, width / 92, zone), [view, width, zone])
  const scene: Scene = {
    palette,
    view,
    width,
    now,
    zone,
    ticks,
    readFrom,
    cursor: pointed.cursor,
  }
  const head = useCanvas(width, headHeight, c => paintHead(c, scene, crowd))
  const body = useCanvas(width, height, c => paintRows(c, scene, { rows: seen, top, height, by, chosen }))

  const onScroll = () => {
    scroll.onScroll()
    if (pointed.row === undefined) pointed.clear() // the pointer is over something else now
  }
  return (
    <div className={classes.chart}>
      <div className={classes.corner}>
        <b>{by === 'job' ? 'Jobs' : 'Nodes'}</b>
        <span>at once · due per minute</span>
      </div>
      <canvas ref={head} className={classes.head} style={{ width, height: headHeight }} aria-hidden="true" />
      <div ref={sheet} className={classes.scroll} onScroll={onScroll}>
        <div className={classes.sheet} style={{ height: total }}>
          <Labels rows={seen} by={by} view={view} />
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application has its own keys */}
          <div
            ref={plot}
            className={classes.plot}
            role="application"
            aria-roledescription="timeline"
            aria-label="Executions and due times. Arrow keys move it, plus and minus zoom, comma and full stop go from entry to entry, Enter opens one. Also available as a table."
            aria-describedby="timeline-chosen"
            data-chosen={chosen ? true : undefined}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
            {...handlers}
          >
            <canvas ref={body} className={classes.canvas} style={{ width, height, top }} aria-hidden="true" />
          </div>
          {rows.length === 0 && <div className={classes.empty}>{empty}</div>}
        </div>
      </div>
      <output id="timeline-chosen" className="spoken">
        {pointed.row !== undefined &&
          (chosen ? sentenceOf(chosen, now, zone) : `${pointed.row || noNode}: nothing in view`)}
      </output>
      {chosen && pointed.at && <Tip entry={chosen} now={now} zone={zone} {...pointed.at} />}
    </div>
  )
}

/** Pointer and key handlers of the plot. */
function useHandlers(pointed: ReturnType<typeof usePointed>, gestures: ReturnType<typeof useGestures>) {
  const opens = useRef(true)
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    return pointed.point(gestures.dragging() ? undefined : { x, y, left: event.clientX, top: event.clientY })
  }
  return {
    ...gestures.handlers,
    onKeyDown: pointed.onKeyDown,
    onBlur: pointed.clear,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      gestures.handlers.onPointerDown(event)
      // A first touch selects, a second opens.
      const before = pointed.chosen?.key
      opens.current = event.pointerType === 'mouse' || (point(event) === before && before !== undefined)
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      gestures.handlers.onPointerMove(event)
      point(event)
    },
    onPointerLeave: (event: PointerEvent<HTMLElement>) => event.pointerType === 'mouse' && pointed.clear(),
    onClick: () => gestures.still() && opens.current && pointed.open(),
  }
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element.current) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return width
}

/** The visible part of the sheet, in coarse steps: drawing reaches a little further. */
function useScroll(ref: RefObject<HTMLElement | null>) {
  const [top, setTop] = useState(0)
  const [seen, setSeen] = useState(800)
  const onScroll = () => {
    const sheet = ref.current
    if (!sheet) return
    setTop(Math.floor(sheet.scrollTop / 100) * 100)
    setSeen(sheet.clientHeight + 100)
  }
  const reveal = (from: number, to: number) => {
    const sheet = ref.current
    if (!sheet) return
    if (from < sheet.scrollTop) sheet.scrollTop = from
    else if (to > sheet.scrollTop + sheet.clientHeight) sheet.scrollTop = to - sheet.clientHeight
  }
  return { top, seen, onScroll, reveal }
}
