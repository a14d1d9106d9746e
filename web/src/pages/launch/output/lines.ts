import { Ansi, type Screen, type Style } from './ansi'

/** The style of the text from the previous run's end up to `end`. */
interface Run {
  readonly end: number
  readonly style: Style | undefined
}

export interface Line {
  text: string
  /** Absent if all is plain. */
  runs?: readonly Run[]
  /** Counts the changes, so that rows render again. */
  revision: number
  /** Whether it continues the previous line, which was too long. */
  continued?: true
  /** Bytes that are no longer stored, in place of text. */
  gap?: number
  /** Its number in the output, from 1; absent for a continuation and where a gap hides how many lines came before. */
  number?: number
  /** How many lines after the last gap it is, from 1; absent without a gap and for a continuation. */
  after?: number
  /** The byte of the output with which it begins. */
  start?: number
}

export interface Limits {
  /** Characters per line; the rest continues in a line marked `continued`. */
  width: number
  lines: number
  /** Characters of all lines. */
  size: number
}

const defaults: Limits = { width: 4096, lines: 1_000_000, size: 32 << 20 }

/** The lines of an output that arrives in pieces. Beyond the limits, the first lines are dropped. */
export class Lines implements Screen {
  /** What is kept, oldest first. The last may still change. */
  readonly kept: Line[] = []
  /** How many earlier lines were dropped. */
  forgotten = 0
  /** Bytes of the output up to here. */
  position = 0
  /** Whether the next text begins a new line. */
  private fresh = true
  private cursor = 0
  private numbered: number | undefined = 0 // lines that were numbered; undefined after a gap
  private after = 0 // lines since the last gap
  private size = 0
  private readonly ansi = new Ansi(this)

  constructor(private readonly limits: Limits = defaults) {}

  /** Lines so far, including dropped ones. */
  get count() {
    return this.forgotten + this.kept.length
  }

  /** Whether the last line has not ended. */
  get open() {
    return !this.fresh
  }

  /** The number that the next line would get; undefined after a gap. */
  get nextNumber() {
    return this.numbered === undefined ? undefined : this.numbered + 1
  }

  /** Adds a piece. `end` is how many bytes of the output there are up to its end. */
  write(piece: string, end?: number) {
    if (end !== undefined) this.position = end - byteLength(piece) // bytes that are not UTF-8 came as another character
    for (let at = 0; at < piece.length;) {
      const next = piece.indexOf('\n', at) + 1 || piece.length // each line knows where it begins
      const part = piece.slice(at, next)
      this.ansi.write(part)
      this.position += byteLength(part)
      at = next
    }
    this.forget()
  }

  /** Marks that so many bytes are missing here; `end` is as for `write`. */
  gap(bytes: number, end = this.position + bytes) {
    this.kept.push({ text: '', revision: 0, gap: bytes, start: end - bytes })
    this.numbered = undefined
    this.after = 0
    this.position = end
    this.fresh = true
  }

  text(text: string, style: Style | undefined) {
    let at = 0
    while (at < text.length) {
      if (this.fresh) this.begin()
      const line = this.kept.at(-1)!
      if (this.cursor >= this.limits.width) {
        this.begin(true)
        continue
      }
      const part = text.slice(at, fitting(text, at, this.limits.width - this.cursor))
      this.put(line, part, style)
      at += part.length
    }
  }

  newline() {
    if (this.fresh) this.begin()
    this.fresh = true
  }

  carriageReturn() {
    if (!this.fresh) this.cursor = 0
  }

  backspace() {
    if (this.fresh || this.cursor === 0) return
    this.cursor--
    if (isLow(this.kept.at(-1)!.text.charCodeAt(this.cursor))) this.cursor--
  }

  eraseLine(part: number) {
    if (this.fresh) return
    const line = this.kept.at(-1)!
    if (part > 0) {
      const { cursor } = this
      this.cursor = 0
      this.put(line, ' '.repeat(Math.min(cursor, line.text.length)), undefined)
      this.cursor = cursor
    }
    if (part !== 1) this.replace(line, this.cursor, line.text.length, '', undefined)
  }

  private begin(continued?: true) {
    const start = this.position
    if (continued) this.kept.push({ text: '', revision: 0, continued, start })
    else if (this.numbered === undefined) this.kept.push({ text: '', revision: 0, after: ++this.after, start })
    else this.kept.push({ text: '', revision: 0, number: ++this.numbered, start })
    this.fresh = false
    this.cursor = 0
  }

  private put(line: Line, text: string, style: Style | undefined) {
    let end = Math.min(this.cursor + text.length, line.text.length)
    if (isLow(line.text.charCodeAt(end))) end++ // half a character has no meaning
    this.replace(line, this.cursor, end, text, style)
    this.cursor += text.length
  }

  private replace(line: Line, from: number, to: number, text: string, style: Style | undefined) {
    this.size += text.length - (to - from)
    line.runs = spliced(line, from, to, text.length, style)
    line.text = from === line.text.length ? line.text + text : line.text.slice(0, from) + text + line.text.slice(to)
    line.revision++
  }

  private forget() {
    const { lines, size } = this.limits
    if (this.kept.length <= lines && this.size <= size) return
    let n = 0
    let freed = 0
    // A tenth at once, so that it is rare.
    while (n < this.kept.length - 1 && (this.kept.length - n > lines * 0.9 || this.size - freed > size * 0.9))
      freed += this.kept[n++]!.text.length
    this.kept.splice(0, n)
    this.forgotten += n
    this.size -= freed
  }
}

/** How many bytes a text has as UTF-8. */
function byteLength(text: string): number {
  let n = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    n += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2 // half a surrogate pair is two of four bytes
  }
  return n
}

const isLow = (code: number) => code >= 0xdc00 && code < 0xe000

/** The end of a part of at most `room` characters that does not split a surrogate pair. */
function fitting(text: string, at: number, room: number): number {
  const end = at + room
  if (end < text.length && isLow(text.charCodeAt(end))) return end - 1 > at ? end - 1 : end + 1
  return end
}

/** The runs of a line after replacing a part by text of one style. */
function spliced(line: Line, from: number, to: number, length: number, style: Style | undefined): Line['runs'] {
  const old = line.runs
  const whole = line.text.length
  if (!old && !style) return undefined
  const runs: Run[] = []
  const add = (end: number, look: Style | undefined) => {
    const last = runs.at(-1)
    if (end <= (last?.end ?? 0)) return
    if (last?.style === look && last) runs.pop()
    runs.push({ end, style: look })
  }
  const before = old ?? [{ end: whole, style: undefined }]
  for (const run of before) add(Math.min(run.end, from), run.style)
  add(from + length, style)
  for (const run of before) if (run.end > to) add(run.end - to + from + length, run.style)
  return runs.some(run => run.style) ? runs : undefined
}

/** Lines as they were written, to be copied. */
export function plainText(lines: readonly Line[]): string {
  const parts: string[] = []
  for (const [i, line] of lines.entries()) {
    if (i > 0 && !line.continued) parts.push('\n')
    parts.push(line.gap === undefined ? line.text : `[... ${line.gap} bytes not kept ...]`)
  }
  return parts.join('')
}
