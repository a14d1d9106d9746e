import { count } from '@/ui/size'
import { endOf, isBad, toneOf, type Entry } from './entry'
import { paintFuture, paintLines, paintNow, paintUnknown, stripes, type Scene } from './paint'
import type { Palette } from './palette'
import { laneHeight, laneTop, type Row } from './rows'
import { xOf } from './scale'
import { everyOf, jobOf } from './words'

type Context = CanvasRenderingContext2D

const narrow = 2.5 // the least width of a bar
const merged = 4 // pixels between due times below which they are one band

interface Rows {
  /** The visible rows. */
  rows: Row[]
  /** The part of the sheet that the canvas covers. */
  top: number
  height: number
  by: 'job' | 'node'
  chosen?: Entry
}

/** The rows with their bars and marks. */
export function paintRows(c: Context, scene: Scene, { rows, top, height, by, chosen }: Rows) {
  c.save()
  c.translate(0, -top)
  const bottom = top + height
  const end = Math.min(bottom, (rows.at(-1)?.top ?? 0) + (rows.at(-1)?.height ?? 0))
  paintFuture(c, scene, top, bottom)
  paintUnknown(c, scene, top, bottom)
  paintLines(c, scene, top, bottom)
  for (const row of rows) paintRow(c, scene, row, by, chosen)
  paintNow(c, scene, top, Math.max(bottom, end))
  if (scene.cursor !== undefined) {
    c.globalAlpha = 0.35
    c.fillStyle = scene.palette.text
    c.fillRect(Math.round(xOf(scene.view, scene.width, scene.cursor)), top, 1, height)
    c.globalAlpha = 1
  }
  c.restore()
}

function paintRow(c: Context, scene: Scene, row: Row, by: 'job' | 'node', chosen?: Entry) {
  const { palette: p, width } = scene
  c.fillStyle = p.line
  c.fillRect(0, row.top + row.height - 1, width, 1)
  const lanes = boxesOf(scene, row)
  if (lanes.length === 0) {
    const y = Math.round(row.top + row.height / 2) + 0.5
    c.strokeStyle = p.strong
    c.lineWidth = 1
    c.setLineDash([2, 6])
    c.beginPath()
    c.moveTo(0, y)
    c.lineTo(width, y)
    c.stroke()
    c.setLineDash([])
    return
  }
  paintDue(
    c,
    lanes.filter(b => b.entry.kind === 'due'),
    p,
  )
  // Failures are drawn last, so that successes do not hide them.
  const past = lanes.filter(b => b.entry.kind !== 'due')
  for (const box of past) if (!isBad(box.entry)) paintPast(c, box, p, by)
  for (const box of past) if (isBad(box.entry)) paintPast(c, box, p, by)
  const ring = lanes.find(b => b.entry === chosen)
  if (ring) paintRing(c, ring, p)
}

interface Box {
  entry: Entry
  x: number
  y: number
  wide: number
  high: number
}

/** The visible boxes of a row, without those that the previous one of their lane covers. */
function boxesOf({ view, width, now }: Scene, row: Row): Box[] {
  const high = laneHeight(row)
  const boxes: Box[] = []
  const covered = new Map<string, number>() // by lane and tone: the position drawn last
  row.entries.forEach((entry, i) => {
    const end = endOf(entry, now)
    if (end < view.from || entry.start > view.to) return
    if (entry.kind === 'due' && end < now) return // its launch is about to appear
    const x = Math.max(xOf(view, width, entry.kind === 'due' ? Math.max(entry.start, now) : entry.start), -9)
    const right = Math.min(xOf(view, width, end), width + 9)
    const lane = row.lane[i]!
    // Diamonds are wider than their instant.
    const fine = entry.kind === 'unrun' ? 0.25 : 2
    const [kind, place] = [`${lane} ${entry.kind} ${toneOf(entry)}`, Math.round(right * fine)]
    if (right - x < 1 && covered.get(kind) === place) return
    covered.set(kind, place)
    boxes.push({ entry, x, y: row.top + laneTop(row, lane), wide: Math.max(right - x, narrow), high })
  })
  return boxes
}

function paintPast(c: Context, box: Box, p: Palette, by: 'job' | 'node') {
  const { entry } = box
  const tone = toneOf(entry)
  if (entry.kind === 'unrun' && entry.times) return paintHollow(c, box, p)
  if (entry.kind === 'unrun') return paintDiamond(c, box, p.ink[tone], p.panel)
  // Failures are taller: colour must not be the only sign.
  const inset = isBad(entry) ? 0.5 : Math.min(2.5, box.high / 6)
  const [y, high] = [box.y + inset, box.high - 2 * inset]
  c.fillStyle = p.fill[tone]
  c.beginPath()
  c.roundRect(box.x, y, box.wide, high, Math.min(3, box.wide / 2))
  c.fill()
  const room = box.wide - (box.x < 0 ? -box.x : 0)
  const words = room > 40 && box.high >= 16 ? (isBad(entry) ? '✕ ' : '') + wordsIn(entry, by) : ''
  if (box.wide > 6 && tone === 'live') stripes(c, box.x, y, box.wide, high, p.tint.live + '66', 8, 3)
  if (box.wide > 6 && tone === 'odd') stripes(c, box.x, y, box.wide, high, p.panel + '88', 6, 1.5)
  // Stripes under words would make them hard to read.
  if (words && (tone === 'live' || tone === 'odd')) paintPlain(c, box, room, words, p.fill[tone], p)
  if (words) paintWords(c, box, room, words, p)
}

/** Clears the space of words. */
function paintPlain(c: Context, box: Box, room: number, words: string, fill: string, p: Palette) {
  c.font = wordFont(p)
  const inset = Math.min(2.5, box.high / 6)
  c.fillStyle = fill
  c.fillRect(
    Math.max(box.x, 0) + 2,
    box.y + inset,
    Math.min(c.measureText(words).width + 6, room - 4),
    box.high - 2 * inset,
  )
}

const wordFont = (p: Palette) => `550 10.5px ${p.font}`

function wordsIn(e: Entry, by: 'job' | 'node'): string {
  const name = by === 'node' ? e.job && jobOf(e) : e.times ? '' : e.node
  return [name, e.times && `×${count(e.times)}`].filter(Boolean).join(' ')
}

/** A band of launches that ran nothing. */
function paintHollow(c: Context, box: Box, p: Palette) {
  const inset = Math.min(2.5, box.high / 6)
  c.beginPath()
  c.roundRect(box.x, box.y + inset, box.wide, box.high - 2 * inset, Math.min(3, box.wide / 2))
  c.fillStyle = p.panel
  c.fill()
  c.strokeStyle = p.ink[toneOf(box.entry)]
  c.lineWidth = 1.5
  c.stroke()
  const room = box.wide - (box.x < 0 ? -box.x : 0)
  if (room > 40 && box.high >= 16) paintWords(c, box, room, wordsIn(box.entry, 'job'), p, p.text)
}

function paintWords(c: Context, box: Box, room: number, text: string, p: Palette, ink = p.onFill) {
  c.save()
  c.beginPath()
  c.rect(Math.max(box.x, 0), box.y, room - 4, box.high)
  c.clip()
  c.font = wordFont(p)
  c.textAlign = 'left'
  c.textBaseline = 'middle'
  c.fillStyle = ink
  c.fillText(text, Math.max(box.x, 0) + 5, box.y + box.high / 2 + 0.5)
  c.restore()
}

function paintDiamond(c: Context, box: Box, color: string, inside: string) {
  const r = Math.min(box.high / 2 - 1, 5)
  const y = box.y + box.high / 2
  c.beginPath()
  c.moveTo(box.x, y - r)
  c.lineTo(box.x + r, y)
  c.lineTo(box.x, y + r)
  c.lineTo(box.x - r, y)
  c.closePath()
  c.fillStyle = inside
  c.fill()
  c.strokeStyle = color
  c.lineWidth = 1.5
  c.stroke()
}

/** Due times as pins; if too close together, as a band, as the server does for frequent jobs. */
function paintDue(c: Context, boxes: Box[], p: Palette) {
  const lanes = new Map<number, Box[]>()
  for (const box of boxes) {
    if (box.entry.times) {
      paintBand(c, box, box.wide, p)
      paintEvery(c, box, p)
      continue
    }
    const lane = lanes.get(box.y)
    if (lane) lane.push(box)
    else lanes.set(box.y, [box])
  }
  for (const lane of lanes.values()) {
    let from = 0
    for (let i = 1; i <= lane.length; i++) {
      if (i < lane.length && lane[i]!.x - lane[i - 1]!.x < merged) continue
      if (i - from > 3) paintBand(c, lane[from]!, lane[i - 1]!.x - lane[from]!.x + 2, p)
      else for (const box of lane.slice(from, i)) paintPin(c, box, p)
      from = i
    }
  }
}

function paintPin(c: Context, { x, y, high }: Box, p: Palette) {
  c.fillStyle = p.accent
  c.fillRect(x - 0.75, y + 2, 1.5, high - 4)
  c.beginPath()
  c.arc(x, y + Math.min(4, high / 2), Math.min(2.75, high / 3), 0, 7)
  c.fill()
}

function paintBand(c: Context, first: Box, wide: number, p: Palette) {
  const inset = Math.min(3.5, first.high / 4)
  c.beginPath()
  c.roundRect(first.x, first.y + inset, wide, first.high - 2 * inset, 3)
  c.fillStyle = p.accentSoft
  c.fill()
  c.globalAlpha = 0.55
  c.strokeStyle = p.accent
  c.lineWidth = 1
  c.stroke()
  c.globalAlpha = 1
}

/** How often a band is due, if there is room. */
function paintEvery(c: Context, box: Box, p: Palette) {
  const room = box.wide - Math.max(-box.x, 0)
  if (room < 70 || box.high < 16) return
  paintWords(c, { ...box, x: Math.max(box.x, 0) }, room, everyOf(box.entry), p, p.text)
}

function paintRing(c: Context, box: Box, p: Palette) {
  c.strokeStyle = p.text
  c.lineWidth = 2
  c.beginPath()
  const mark = box.entry.kind !== 'ran' && !box.entry.times
  c.roundRect(box.x - (mark ? 7 : 2), box.y - 1, box.wide + (mark ? 11 : 4), box.high + 2, 4)
  c.stroke()
}
