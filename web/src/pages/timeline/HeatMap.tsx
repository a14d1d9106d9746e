import { memo, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useZone } from '@/ui/zone'
import { Empty } from '@/ui/Empty'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { counted, count } from '@/ui/size'
import { clockTime } from '@/ui/time'
import { Advice } from './Advice'
import { heatRows, levelOf, levelsOf, type HeatRow } from './heat'
import classes from './HeatMap.module.css'
import { minute } from './scale'
import { useMinutes } from './useMinutes'

/** The number of runs in each minute of the next 24 hours. */
export function HeatMap({ onPick }: { onPick: (at: number) => void }) {
  const query = useMinutes()
  const total = query.data?.total
  return (
    <Panel
      title="Next 24 hours, by minute"
      aside={total !== undefined && total > 0 && <span className={classes.soft}>{counted(total, 'run')}</span>}
    >
      <Loaded query={query} what="what is due" lines={8}>
        {({ from, counts, truncated }) =>
          total === 0 ? (
            <Empty icon="calendar" title="Nothing is due in the next 24 hours">
              Each minute is a square that shows how many jobs run in it, so that you can spot peaks early.
            </Empty>
          ) : (
            <>
              {truncated && <p className={classes.gap}>Counting took too long: the actual numbers may be higher.</p>}
              <div className={classes.columns}>
                <Map from={Date.parse(from)} counts={counts} onPick={onPick} />
                <Advice from={Date.parse(from)} counts={counts} onPick={onPick} />
              </div>
            </>
          )
        }
      </Loaded>
    </Panel>
  )
}

interface MapProps {
  from: number
  counts: number[]
  onPick: (at: number) => void
}

function Map({ from, counts, onPick }: MapProps) {
  const zone = useZone()
  const rows = useMemo(() => heatRows(from, counts, zone), [from, counts, zone])
  const levels = useMemo(() => levelsOf(counts), [counts])
  const [cursor, setCursor] = useState(from)
  const [hovered, setHovered] = useState<number>()
  const grid = useRef<HTMLDivElement>(null)
  const valid = cursor >= from && cursor < from + counts.length * minute ? cursor : from
  const shown = hovered ?? valid

  const atOf = (target: EventTarget) => Number((target as HTMLElement).dataset?.at) || undefined
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -60, ArrowDown: 60 }[event.key]
    if (event.key === 'Enter' || event.key === ' ') onPick(valid)
    else if (!by) return
    event.preventDefault()
    if (!by) return
    const next = Math.min(Math.max(valid + by * minute, from), from + (counts.length - 1) * minute)
    setCursor(next)
    grid.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus()
  }
  return (
    <div className={classes.map}>
      <Minutes />
      <div
        ref={grid}
        role="grid"
        tabIndex={-1}
        aria-label="Runs in each minute; arrow keys move, Enter shows a minute in the timeline"
        className={classes.grid}
        onPointerOver={event => setHovered(atOf(event.target))}
        onPointerLeave={() => setHovered(undefined)}
        onFocus={event => setCursor(atOf(event.target) ?? valid)}
        onClick={event => {
          const at = atOf(event.target)
          if (at) onPick(at)
        }}
        onKeyDown={onKeyDown}
      >
        {rows.map(row => (
          <Hour
            key={row.at}
            row={row}
            levels={levels}
            zone={zone}
            cursor={valid >= row.at && valid < row.at + 60 * minute ? valid : undefined}
          />
        ))}
      </div>
      <div className={classes.foot}>
        <output className={classes.shown}>
          <b>{clockTime(new Date(shown), zone).slice(11, 16)}</b> –{' '}
          {counted(counts[(shown - from) / minute] ?? 0, 'run')}
        </output>
        <Scale levels={levels} />
      </div>
    </div>
  )
}

function Minutes() {
  return (
    <div className={classes.minutes} aria-hidden="true">
      {[0, 10, 20, 30, 40, 50].map(m => (
        <span key={m}>:{String(m).padStart(2, '0')}</span>
      ))}
    </div>
  )
}

interface HourProps {
  row: HeatRow
  levels: number[]
  zone?: string
  /** The minute that Tab focuses, if it is in this hour. */
  cursor?: number
}

const Hour = memo(function Hour({ row, levels, cursor }: HourProps) {
  return (
    <div role="row" className={classes.hour}>
      <span role="rowheader" className={classes.label}>
        {row.label}
      </span>
      {row.counts.map((n, m) => {
        const at = row.at + m * minute
        const time = `${row.label.slice(0, 3)}${String(m).padStart(2, '0')}`
        if (n === null)
          return <span key={at} role="gridcell" className={classes.none} aria-label={`${time}, not counted`} />
        return (
          <span
            key={at}
            role="gridcell"
            className={classes.cell}
            data-at={at}
            data-level={levelOf(n, levels) || undefined}
            tabIndex={at === cursor ? 0 : -1}
            aria-label={`${time} – ${counted(n, 'run')}`}
          />
        )
      })}
    </div>
  )
})

/** What the colours mean. */
function Scale({ levels }: { levels: number[] }) {
  return (
    <ul className={classes.scale} aria-label="What the colours mean">
      <li>
        <i className={classes.cell} />0
      </li>
      {levels.map((start, i) => (
        <li key={start}>
          <i className={classes.cell} data-level={levelOf(start, levels)} />
          {rangeOf(i === 0 ? 1 : start, (levels[i + 1] ?? start + 1) - 1)}
        </li>
      ))}
    </ul>
  )
}

const rangeOf = (from: number, to: number) => (to > from ? `${count(from)}–${count(to)}` : count(from))
