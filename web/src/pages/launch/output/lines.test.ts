import { describe, expect, it } from 'vitest'
import { Lines, plainText, type Limits } from './lines'

function linesOf(text: string | string[], limits?: Limits) {
  const lines = new Lines(limits)
  for (const piece of typeof text === 'string' ? [text] : text) lines.write(piece)
  return lines
}
const texts = (text: string) => linesOf(text).kept.map(l => l.text)

describe('lines of an output', () => {
  it('end at a newline, and the last need not', () => {
    expect(texts('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c'])
    expect(linesOf('a\n').open).toBe(false)
    expect(linesOf('a').open).toBe(true)
  })

  it('are overwritten after a carriage return, as far as the new text goes', () => {
    expect(texts('10 %\r20 %\rdone\n')).toEqual(['done'])
    expect(texts('abcdef\rxy')).toEqual(['xycdef'])
    expect(texts('abcdef\r\u001b[Kxy')).toEqual(['xy'])
    expect(texts('😀b\rx')).toEqual(['xb'])
    expect(texts('abc\b\bX')).toEqual(['aXc'])
  })

  it('keep their colours where they are overwritten in part', () => {
    const [line] = linesOf('\u001b[31mred\u001b[0m plain\r\u001b[32mG').kept
    expect(line!.text).toBe('Ged plain')
    expect(line!.runs).toEqual([
      { end: 1, style: { fg: 2 } },
      { end: 3, style: { fg: 1 } },
      { end: 9, style: undefined },
    ])
  })

  it('go on in another where they are very long', () => {
    const { kept } = linesOf('abcdefgh\nx', { width: 3, lines: 100, size: 1000 })
    expect(kept.map(l => [l.text, l.continued])).toEqual([
      ['abc', undefined],
      ['def', true],
      ['gh', true],
      ['x', undefined],
    ])
    expect(plainText(kept)).toBe('abcdefgh\nx')
  })

  it('forget the first where there are too many', () => {
    const lines = linesOf(
      Array.from({ length: 250 }, (_, i) => `${i}\n`),
      { width: 10, lines: 100, size: 1e6 },
    )
    expect(lines.kept.length).toBeLessThanOrEqual(100)
    expect(lines.count).toBe(250)
    expect(lines.kept.at(-1)!.text).toBe('249')
    expect(lines.kept[0]!.text).toBe(String(lines.forgotten))
  })

  it('forget the first where they are too large', () => {
    const lines = linesOf(
      Array.from({ length: 50 }, () => 'x'.repeat(10) + '\n'),
      { width: 100, lines: 1e6, size: 200 },
    )
    expect(plainText(lines.kept).length).toBeLessThan(230)
    expect(lines.count).toBe(50)
  })

  it('mark what is missing', () => {
    const lines = linesOf('head')
    lines.gap(97)
    lines.write('tail\n')
    expect(plainText(lines.kept)).toBe('head\n[... 97 bytes not kept ...]\ntail')
  })

  it('have numbers, except continuations and what follows a gap', () => {
    const lines = linesOf('abcdef\nb\n', { width: 3, lines: 100, size: 1000 })
    expect(lines.kept.map(l => l.number)).toEqual([1, undefined, 2])
    expect(lines.nextNumber).toBe(3)
    lines.gap(97)
    lines.write('c\n')
    expect(lines.kept.map(l => l.number)).toEqual([1, undefined, 2, undefined, undefined])
    expect(lines.nextNumber).toBeUndefined()
  })

  it('are the same however the text is cut', () => {
    const random = generator(7)
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: 40 }, () => words[Math.floor(random() * words.length)]).join('')
      const limits = { width: 17, lines: 1e6, size: 1e6 }
      expect(shape(linesOf(cut(text, random), limits))).toEqual(shape(linesOf(text, limits)))
    }
  })
})

const words = [
  'text ',
  '😀',
  'ä',
  '\n',
  '\r\n',
  '\r',
  '\b',
  '\t',
  '\u001b[31m',
  '\u001b[1;38;5;208m',
  '\u001b[48;2;1;2;3m',
  '\u001b[0m',
  '\u001b[m',
  '\u001b[K',
  '\u001b[1K',
  '\u001b[2K',
  '\u001b[2;5H',
  '\u001b[?25l',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://x/\u001b\\',
  '\u001b(B',
  '\u001b',
  'a much longer text without an end ',
]

const shape = (lines: Lines) => lines.kept.map(({ text, runs, continued }) => ({ text, runs, continued }))

function cut(text: string, random: () => number): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const end = at + 1 + Math.floor(random() * 5)
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}

/** Numbers that look random and are the same in every run. */
function generator(seed: number) {
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
}
