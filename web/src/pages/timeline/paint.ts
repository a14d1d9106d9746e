import { clockTime } from '@/ui/time'
import { columnsOf, type Peak, type Step } from './crowd'
import type { Palette } from './palette'
import { minute, xOf, type View } from './scale'
import type { Tick } from './ticks'

type Context = CanvasRenderingContext2D

/** What both parts of the chart are drawn from. */
export interface Scene {
  view: View
  width: number
  now: number
  zone?: string
  ticks: Tick[]
  palette: Palette
  /** The pointer's time. */
  cursor?: number
  /** Nothing is loaded before it. */
  readFrom?: number
}

export const headHeight = 82
const ground = 54 // baseline of the counts
const highest = 36

/** The strip above the rows: how much happens at the same time, and the axis. */
export function paintHead(
  c: Context,
  scene: Scene,
  crowd: { running: Step[]; firing: Step[]; mostRunning?: Peak; mostFiring?: Peak },
) {
  const { palette: p, width } = scene
  paintFuture(c, scene, 0, headHeight)
  paintUnknown(c, scene, 0, ground)
  paintLines(c, scene, ground, headHeight)
  c.save()
  c.beginPath()
  c.rect(Math.max(xOf(scene.view, width, scene.now), 0), 0, width, headHeight)
  c.clip()
  paintCounts(c, scene, crowd.firing, crowd.mostFiring, p.accent, minute)
  c.restore()
  paintCounts(c, scene, crowd.running, crowd.mostRunning, p.fill.live)
  c.fillStyle = p.strong
  c.fillRect(0, ground, width, 1)
  const now = pillOf(c, scene, scene.now)
  const cursor = scene.cursor === undefined ? undefined : pillOf(c, scene, scene.cursor)
  const pills = [now, cursor].filter(pill => pill !== undefined)
  paintLabels(c, scene, pills)
  paintNow(c, scene, 0, headHeight)
  const taken = paintPeak(c, scene, crowd.mostRunning, ' at once', p.ink.live)
  paintPeak(c, scene, crowd.mostFiring, ' per minute', p.accent, taken)
  if (now) paintPill(c, scene, now, p.accent)
  if (cursor) paintPill(c, scene, cursor, p.text)
}

/** The labels of the axis. One that a pill or the end of the axis would cut is left out: half a time is read as another. */
export function paintLabels(c: Context, { view, width, ticks, palette: p }: Scene, pills: Pill[] = []) {
  c.textBaseline = 'middle'
  c.textAlign = 'left'
  for (const tick of ticks) {
    c.font = `${tick.day ? 650 : 450} 11.5px ${p.font}`
    const from = xOf(view, width, tick.at) + 5
    const to = from + c.measureText(tick.label).width
    if (to > width) continue
    if (pills.some(pill => from < pill.left + pill.wide + 2 && to > pill.left - 2)) continue
    c.fillStyle = tick.day ? p.text : p.soft
    c.fillText(tick.label, from, ground + 15)
  }
}

function paintCounts(c: Context, scene: Scene, steps: Step[], most: Peak | undefined, color: string, length?: number) {
  if (!most) return
  const columns = columnsOf(steps, scene.view, Math.floor(scene.width), length)
  const scale = highest / Math.max(most.count, 2)
  c.beginPath()
  c.moveTo(0, ground)
  columns.forEach((n, x) => {
    c.lineTo(x, ground - n * scale)
    c.lineTo(x + 1, ground - n * scale)
  })
  c.lineTo(columns.length, ground)
  c.globalAlpha = 0.24
  c.fillStyle = color
  c.fill()
  c.globalAlpha = 0.9
  c.strokeStyle = color
  c.lineWidth = 1.25
  c.stroke()
  c.globalAlpha = 1
}

type Stretch = [from: number, to: number]

/** A dot at the peak with its label, or only the number if space is short. Returns the space they take. */
function paintPeak(
  c: Context,
  { view, width, palette }: Scene,
  peak: Peak | undefined,
  unit: string,
  color: string,
  taken: Stretch = [0, 0],
): Stretch | undefined {
  if (!peak || peak.count < 2) return undefined
  const x = Math.min(Math.max(xOf(view, width, peak.at), 4), width - 4)
  const y = ground - highest
  c.fillStyle = color
  c.beginPath()
  c.arc(x + 1, y, 3, 0, 7)
  c.fill()
  c.font = `600 11px ${palette.font}`
  const places = [`${peak.count}${unit}`, String(peak.count)].flatMap(text => {
    const wide = c.measureText(text).width
    return [x + 8, x - 8 - wide].map(from => ({ text, from, to: from + wide }))
  })
  const fits = (from: number, to: number) => from >= 0 && to <= width && (to < taken[0] - 6 || from > taken[1] + 6)
  const place = places.find(at => fits(at.from, at.to))
  if (!place) return [x - 4, x + 4]
  c.textAlign = 'left'
  c.textBaseline = 'middle'
  c.lineWidth = 3
  c.strokeStyle = palette.panel
  c.strokeText(place.text, place.from, y - 8)
  c.fillText(place.text, place.from, y - 8)
  return [Math.min(place.from, x - 4), Math.max(place.to, x + 4)]
}

/** A time on the axis, and the space that it takes. */
interface Pill {
  text: string
  left: number
  wide: number
}

function pillOf(c: Context, { view, width, zone, palette: p }: Scene, at: number): Pill | undefined {
  const x = xOf(view, width, at)
  if (x < 0 || x > width) return undefined
  c.font = pillFont(p)
  const text = clockTime(new Date(at), zone).slice(11)
  const wide = c.measureText(text).width + 14
  return { text, wide, left: Math.min(Math.max(x - wide / 2, 0), width - wide) }
}

const pillFont = (p: Palette) => `600 11.5px ${p.font}`

function paintPill(c: Context, { palette: p }: Scene, { text, left, wide }: Pill, back: string) {
  c.font = pillFont(p)
  c.fillStyle = back
  c.beginPath()
  c.roundRect(left, ground + 5, wide, 20, 10)
  c.fill()
  c.fillStyle = p.panel
  c.textAlign = 'left'
  c.textBaseline = 'middle'
  c.fillText(text, left + 7, ground + 15.5)
}

/** The future has another background. */
export function paintFuture(c: Context, { view, width, now, palette }: Scene, top: number, bottom: number) {
  const x = Math.max(xOf(view, width, now), 0)
  if (x >= width) return
  c.fillStyle = palette.page
  c.fillRect(x, top, width - x, bottom - top)
}

export function paintLines(c: Context, { view, width, ticks, palette }: Scene, top: number, bottom: number) {
  for (const tick of ticks) {
    c.fillStyle = tick.day ? palette.strong : palette.line
    c.fillRect(Math.round(xOf(view, width, tick.at)), top, 1, bottom - top)
  }
}

/** Stripes where nothing is loaded. */
export function paintUnknown(c: Context, scene: Scene, top: number, bottom: number) {
  const { view, width, readFrom, palette } = scene
  if (readFrom === undefined) return
  const right = Math.min(xOf(view, width, readFrom), width)
  if (right >= 1) stripes(c, 0, top, right, bottom - top, palette.line, 9, 1)
}

export function paintNow(c: Context, { view, width, now, palette }: Scene, top: number, bottom: number) {
  const x = Math.round(xOf(view, width, now))
  if (x < 0 || x > width) return
  c.fillStyle = palette.accent
  c.fillRect(x - 1, top, 2, bottom - top)
}

/** Slanting lines within a box. */
export function stripes(
  c: Context,
  x: number,
  y: number,
  wide: number,
  high: number,
  color: string,
  gap: number,
  pen: number,
) {
  c.save()
  c.beginPath()
  c.roundRect(x, y, wide, high, Math.min(3, wide / 2))
  c.clip()
  c.strokeStyle = color
  c.lineWidth = pen
  c.beginPath()
  // They start at multiples of the gap, so that they do not move while the box grows.
  for (let at = Math.floor((x - high) / gap) * gap; at < x + wide; at += gap) {
    c.moveTo(at, y + high)
    c.lineTo(at + high, y)
  }
  c.stroke()
  c.restore()
}
