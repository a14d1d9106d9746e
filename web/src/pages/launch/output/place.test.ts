import { describe, expect, it } from 'vitest'
import { Lines } from './lines'
import { extended, fragmentOf, indexOf, markWords, parseFragment, placeOf } from './place'

const bytes = (text: string) => new TextEncoder().encode(text).length

/** Lines of pieces of text, with numbers for gaps of so many bytes. */
function linesOf(...pieces: (string | number)[]) {
  const lines = new Lines()
  let at = 0
  for (const piece of pieces) {
    at += typeof piece === 'number' ? piece : bytes(piece)
    if (typeof piece === 'number') lines.gap(piece, at)
    else lines.write(piece, at)
  }
  return lines
}

describe('the address of lines', () => {
  it('is read as it is written', () => {
    for (const text of ['L1', 'L10-L20', 'B4711', 'B1-B9', '2.L10-L20']) {
      const found = parseFragment(text)!
      expect(fragmentOf(found.mark, found.output)).toBe(text)
    }
    expect(parseFragment('L10-20')!.mark.to).toEqual({ number: 20 })
    for (const text of ['', 'L', 'L-1', 'content', 'L1-', '0.L1', 'LL1']) expect(parseFragment(text)).toBeUndefined()
  })

  it('is that of the shown numbers', () => {
    const lines = linesOf('a\nb\n', 'c\n')
    expect(lines.kept.map(placeOf)).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }])
    expect(indexOf(lines, { number: 2 })).toBe(1)
    expect(indexOf(lines, { number: 4 })).toBeUndefined()
    expect(indexOf(lines, { byte: 3 })).toBe(1)
  })

  it('is the byte of the output after a gap, however the text comes', () => {
    const head = 'one\n'
    const tail = 'ü\u001b[31mred\nnext\nlast'
    const whole = linesOf(head, 100, tail)
    const cut = linesOf(head, 100, ...tail)
    const late = linesOf(104, tail)
    const next = { byte: 104 + bytes('ü\u001b[31mred\n') }
    for (const lines of [whole, cut, late]) {
      expect(placeOf(lines.kept.at(-2))).toEqual(next)
      expect(lines.kept.at(-2)!.after).toBe(2)
      expect(lines.kept[indexOf(lines, next)!]!.text).toBe('next')
      expect(markWords({ from: next, to: { byte: next.byte + 5 } }, lines)).toBe('lines +2–+3')
    }
    expect(indexOf(whole, { byte: 50 })).toBeUndefined() // is not kept
    expect(indexOf(whole, { byte: 5000 })).toBeUndefined()
    expect(
      linesOf(head + 'x'.repeat(99) + '\n' + tail).kept[indexOf(linesOf(head + 'x'.repeat(99) + '\n' + tail), next)!]!
        .text,
    ).toBe('next')
  })

  it('is found although long lines go on in others and old ones are dropped', () => {
    const lines = new Lines({ width: 3, lines: 4, size: 1000 })
    lines.write('abcdefg\nb\nc\nd\n', 14)
    expect(lines.forgotten).toBeGreaterThan(0)
    expect(lines.kept[indexOf(lines, { number: 3 })!]!.text).toBe('c')
    expect(indexOf(lines, { number: 1 })).toBeUndefined()
  })

  it('of a range begins with its first line', () => {
    const lines = linesOf('a\nb\nc\n')
    expect(extended({ from: { number: 3 }, to: { number: 3 } }, { number: 1 }, lines)).toEqual({
      from: { number: 1 },
      to: { number: 3 },
    })
    expect(extended(undefined, { number: 2 }, lines).to).toEqual({ number: 2 })
  })
})
