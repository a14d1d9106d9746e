import { useElementSize } from '@mantine/hooks'
import { useState, type KeyboardEvent, type PointerEvent } from 'react'
import { useZone } from '../zone'
import type { Tone } from '../state'
import { clockTime } from '../time'
import { labelled, niceTicks } from './scale'
import classes from './TimeChart.module.css'

export interface Series {
  label: string
  tone: Tone
}

interface Point {
  at: string
  /** One value per series; null where there is none. */
  values: (number | null)[]
}

interface Props {
  /** What it shows, for screen readers. */
  label: string
  /** Bars are stacked; each line starts at zero. */
  kind: 'bars' | 'lines'
  series: Series[]
  points: Point[]
  format: (value: number) => string
  /** Whether values are counts. */
  whole?: boolean
  height?: number
}

const left = 46 // space for value labels
const top = 8
const bottom = 20 // space for times

/** Values over time. The pointer or the arrow keys show the values at one time. */
export function TimeChart({ label, kind, series, points, format, whole, height = 150 }: Props) {
  const { ref, width } = useElementSize<HTMLDivElement>()
  const [at, setAt] = useState<number>()
  const zone = useZone()
  const sum = (p: Point) => p.values.reduce<number>((a, v) => a + (v ?? 0), 0)
  const peak = Math.max(0, ...points.map(p => (kind === 'bars' ? sum(p) : Math.max(0, ...p.values.map(v => v ?? 0)))))
  const ticks = niceTicks(peak, 3, whole)
  const ceiling = ticks.at(-1)!
  const step = points.length ? (width - left) / points.length : 0
  const x = (i: number) => left + i * step
  const y = (value: number) => top + (1 - value / ceiling) * (height - top - bottom)
  const time = (p: Point) => clockTime(new Date(p.at), zone).slice(11, 16)

  function move(event: PointerEvent<SVGSVGElement>) {
    const i = Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left - left) / step)
    setAt(i >= 0 && i < points.length ? i : undefined)
  }

  function press(event: KeyboardEvent) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    setAt(i => Math.min(points.length - 1, Math.max(0, (i ?? points.length) + by)))
  }

  const picked = at === undefined ? undefined : points[at]
  return (
    <div className={classes.chart}>
      <Legend series={series} picked={picked} time={picked ? time(picked) : ''} format={format} />
      <div ref={ref}>
        {/* An image that the arrow keys walk along; the live text below reads out the values. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <svg
          width="100%"
          height={height}
          role="img"
          aria-label={label}
          tabIndex={0}
          className={classes.svg}
          onPointerMove={move}
          onPointerLeave={() => setAt(undefined)}
          onKeyDown={press}
          onBlur={() => setAt(undefined)}
        >
          <Grid ticks={ticks} width={width} y={y} format={format} />
          {at !== undefined && (
            <rect x={x(at)} y={top} width={step} height={height - top - bottom} className={classes.cursor} />
          )}
          {width > 0 &&
            (kind === 'bars' ? (
              <Bars points={points} series={series} x={x} y={y} step={step} />
            ) : (
              <Lines points={points} series={series} x={x} y={y} step={step} />
            ))}
          {labelled(points.length, Math.max(2, Math.floor(width / 110))).map(i => (
            <text
              key={i}
              x={x(i) + step / 2}
              y={height - 4}
              textAnchor={x(i) > width - 30 ? 'end' : 'middle'}
              className={classes.label}
            >
              {time(points[i]!)}
            </text>
          ))}
        </svg>
      </div>
      <output className="spoken">
        {picked &&
          `${time(picked)}: ${series.map((s, i) => `${s.label} ${valueText(picked.values[i], format)}`).join(', ')}`}
      </output>
    </div>
  )
}

interface GridProps {
  ticks: number[]
  width: number
  y: (value: number) => number
  format: (value: number) => string
}

/** Lines across, with their values at the left. */
function Grid({ ticks, width, y, format }: GridProps) {
  return ticks.map(value => (
    <g key={value}>
      <line x1={left} x2={width} y1={y(value)} y2={y(value)} className={classes.grid} />
      <text x={left - 8} y={y(value) + 4} textAnchor="end" className={classes.label}>
        {format(value)}
      </text>
    </g>
  ))
}

interface LegendProps {
  series: Series[]
  /** The point whose values are shown. */
  picked: Point | undefined
  time: string
  format: (value: number) => string
}

function Legend({ series, picked, time, format }: LegendProps) {
  return (
    <div className={classes.legend}>
      {series.map((s, i) => (
        <span key={s.label} data-tone={s.tone} className={classes.key}>
          <i />
          {s.label}
          {picked && <b>{valueText(picked.values[i], format)}</b>}
        </span>
      ))}
      <span className={classes.time}>{time}</span>
    </div>
  )
}

const valueText = (value: number | null | undefined, format: (v: number) => string) =>
  value === null || value === undefined ? '–' : format(value)

interface Marks {
  points: Point[]
  series: Series[]
  x: (i: number) => number
  y: (value: number) => number
  step: number
}

function Bars({ points, series, x, y, step }: Marks) {
  const gap = Math.min(2, step * 0.2)
  return points.map((p, i) => {
    let below = 0
    return (
      <g key={p.at}>
        {series.map((s, n) => {
          const value = p.values[n] ?? 0
          if (!value) return null
          const from = below
          below += value
          return (
            <rect
              key={s.label}
              data-tone={s.tone}
              className={classes.bar}
              x={x(i) + gap / 2}
              width={Math.max(0.5, step - gap)}
              y={y(below)}
              height={Math.max(1, y(from) - y(below))}
              rx={Math.min(1.5, step / 4)}
            />
          )
        })}
      </g>
    )
  })
}

function Lines({ points, series, x, y, step }: Marks) {
  return series.map((s, n) => {
    let pen = 'M'
    let path = ''
    points.forEach((p, i) => {
      const value = p.values[n]
      if (value === null || value === undefined) {
        pen = 'M'
        return
      }
      path += `${pen}${(x(i) + step / 2).toFixed(1)},${y(value).toFixed(1)}h0.01`
      pen = 'L'
    })
    return <path key={s.label} d={path} data-tone={s.tone} className={classes.line} />
  })
}
