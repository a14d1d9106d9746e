/**
 * Reads what a program writes to a terminal: text, colours (SGR), and the few movements that progress bars make. Text
 * may be cut anywhere between two pieces. What a page has no use for, such as cursor addressing or a window's title, is
 * left out.
 */

/** How text looks. Styles that are alike are the same object. */
export interface Style {
  /** 0 to 15 is a colour of the theme, a text is CSS. */
  readonly fg?: number | string
  readonly bg?: number | string
  readonly bold?: boolean
  readonly dim?: boolean
  readonly italic?: boolean
  readonly underline?: boolean
  readonly strike?: boolean
  readonly inverse?: boolean
}

export interface Screen {
  text(text: string, style: Style | undefined): void
  newline(): void
  /** To the start of the line; new text then overwrites the old. */
  carriageReturn(): void
  backspace(): void
  /** Erases what is after the cursor (0), before it (1), or both (2). */
  eraseLine(part: number): void
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g

const enum In {
  Text,
  Escape,
  Charset,
  Sequence,
  String,
  StringEscape,
}

const longest = 64 // characters of a sequence; a longer one is text

export class Ansi {
  private state = In.Text
  private sequence = ''
  private style: Style | undefined
  private half = '' // of a surrogate pair, that the next piece completes

  constructor(private readonly screen: Screen) {}

  write(piece: string) {
    let text = this.half + piece
    this.half = ''
    if (isHigh(text.charCodeAt(text.length - 1))) {
      this.half = text.slice(-1)
      text = text.slice(0, -1)
    }
    let at = 0
    while (at < text.length) at = this.state === In.Text ? this.plain(text, at) : this.step(text, at)
  }

  private plain(text: string, from: number): number {
    control.lastIndex = from
    const found = control.exec(text)?.index ?? text.length
    if (found > from) this.screen.text(text.slice(from, found), this.style)
    if (found < text.length) this.act(text[found]!)
    return found + 1
  }

  private act(char: string) {
    if (char === '\n') this.screen.newline()
    else if (char === '\r') this.screen.carriageReturn()
    else if (char === '\b') this.screen.backspace()
    else if (char === '\u001b') this.state = In.Escape
    else if (char === '\u009b') this.begin()
  }

  private begin() {
    this.state = In.Sequence
    this.sequence = ''
  }

  /** Processes one character of a sequence. Returns where to continue. */
  private step(text: string, at: number): number {
    const char = text[at]!
    switch (this.state) {
      case In.Escape:
        this.escape(char)
        break
      case In.Charset:
        this.state = In.Text
        break
      case In.Sequence:
        return this.inSequence(char, at)
      case In.String:
        if (char === '\n') return this.leave(at) // not a sequence: a title has one line
        if (char === '\u0007' || char === '\u009c') this.state = In.Text
        if (char === '\u001b') this.state = In.StringEscape
        break
      default:
        if (char !== '\\') return this.leave(at, In.Escape)
        this.state = In.Text
    }
    return at + 1
  }

  private escape(char: string) {
    if (char === '[') this.begin()
    else if (']PX^_'.includes(char)) this.state = In.String
    else if ('()*+-./#%'.includes(char)) this.state = In.Charset
    else if (char !== '\u001b') this.state = In.Text
    if (char === '\n') this.screen.newline()
  }

  private inSequence(char: string, at: number): number {
    if (char < ' ' || char > '~' || this.sequence.length >= longest) return this.leave(at)
    if (char < '@') {
      this.sequence += char
      return at + 1
    }
    this.state = In.Text
    if (char === 'm') this.style = styled(this.style, this.sequence)
    else if (char === 'K') this.screen.eraseLine(Number(this.sequence) || 0)
    return at + 1
  }

  private leave(at: number, state = In.Text): number {
    this.state = state
    return at
  }
}

const isHigh = (code: number) => code >= 0xd800 && code < 0xdc00

/** The style after an SGR sequence such as `1;31`. Numbers that say nothing are left out. */
export function styled(style: Style | undefined, sequence: string): Style | undefined {
  if (!/^[\d;:]*$/.test(sequence)) return style
  const numbers = sequence.split(/[;:]/).map(Number)
  const next: Draft = { ...style }
  for (let i = 0; i < numbers.length; i++) {
    const n = numbers[i]!
    if (n === 38 || n === 48) i = extended(next, n === 38 ? 'fg' : 'bg', numbers, i + 1)
    else simple(next, n)
  }
  return interned(next)
}

type Draft = { -readonly [K in keyof Style]: Style[K] }

const flags: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  29: { strike: undefined },
  39: { fg: undefined },
  49: { bg: undefined },
}

const none: Style = {
  fg: undefined,
  bg: undefined,
  bold: undefined,
  dim: undefined,
  italic: undefined,
  underline: undefined,
  strike: undefined,
  inverse: undefined,
}

function simple(style: Draft, n: number) {
  if (n === 0) Object.assign(style, none)
  else if (n >= 30 && n <= 37) style.fg = n - 30
  else if (n >= 40 && n <= 47) style.bg = n - 40
  else if (n >= 90 && n <= 97) style.fg = n - 82
  else if (n >= 100 && n <= 107) style.bg = n - 92
  else Object.assign(style, flags[n])
}

/** `5;n` or `2;r;g;b` after 38 or 48. Returns the index of its last number. */
function extended(style: Draft, which: 'fg' | 'bg', numbers: number[], at: number): number {
  const [kind, ...rest] = numbers.slice(at, at + 4)
  if (kind === 5 && inByte(rest[0])) {
    style[which] = indexed(rest[0])
    return at + 1
  }
  if (kind === 2 && rest.length === 3 && rest.every(inByte)) {
    style[which] = `rgb(${rest.join(' ')})`
    return at + 3
  }
  return numbers.length
}

const inByte = (n: number | undefined): n is number => n !== undefined && n >= 0 && n <= 255

const levels = [0, 95, 135, 175, 215, 255]

/** A colour of the table of 256: the theme's 16, a cube of 216, 24 greys. */
function indexed(n: number): number | string {
  if (n < 16) return n
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const cube = n - 16
  return `rgb(${levels[Math.floor(cube / 36)]} ${levels[Math.floor(cube / 6) % 6]} ${levels[cube % 6]})`
}

const pool = new Map<string, Style>()
const mostStyles = 4096

function interned(style: Style): Style | undefined {
  const entries = Object.entries(style).filter(([, value]) => value !== undefined)
  if (!entries.length) return undefined
  const key = entries
    .map(entry => entry.join('='))
    .toSorted()
    .join(',')
  const known = pool.get(key)
  if (known) return known
  if (pool.size >= mostStyles) pool.clear()
  const made = Object.fromEntries(entries) as Style
  pool.set(key, made)
  return made
}
