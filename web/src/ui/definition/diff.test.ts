import { describe, expect, it } from 'vitest'
import { diff, fold, type Line } from './diff'

const marks = { same: ' ', added: '+', removed: '-' }
const shown = (lines: Line[]) => lines.map(l => marks[l.kind] + l.text)
const lines = (text: string) => text.split('').join('\n')

describe('diff', () => {
  it('shows texts that differ in thousands of lines as wholly replaced', () => {
    const text = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word} ${i}`).join('\n')
    const found = diff(text('a'), text('b'))
    expect(found.map(l => l.kind)).toEqual([...Array(3000).fill('removed'), ...Array(3000).fill('added')])
  })

  it('finds nothing in the same', () => {
    expect(shown(diff('a\nb', 'a\nb'))).toEqual([' a', ' b'])
  })

  it('shows a change as the old and then the new line', () => {
    expect(shown(diff(lines('abc'), lines('axc')))).toEqual([' a', '-b', '+x', ' c'])
  })

  it('keeps as much as can be', () => {
    const found = diff(lines('abcabba'), lines('cbabac'))
    expect(found.filter(l => l.kind === 'same')).toHaveLength(4)
    const of = (kind: Line['kind']) =>
      found
        .filter(l => l.kind === 'same' || l.kind === kind)
        .map(l => l.text)
        .join('')
    expect([of('removed'), of('added')]).toEqual(['abcabba', 'cbabac'])
  })

  it('does not count a repeated line at the seam twice', () => {
    expect(shown(diff(lines('aa'), lines('aaa')))).toEqual([' a', ' a', '+a'])
    expect(shown(diff(lines('aaa'), lines('a')))).toEqual([' a', '-a', '-a'])
  })
})

describe('fold', () => {
  it('leaves out what is far from a change', () => {
    const folded = fold(diff(lines('abcdefgh'), lines('abcdefgx')), 2)
    expect(folded[0]).toEqual({ kind: 'fold', count: 5, at: 0 })
    expect(folded).toHaveLength(5)
  })

  it('does not fold one line', () => {
    expect(fold(diff(lines('abcx'), lines('abcy')), 2).some(l => l.kind === 'fold')).toBe(false)
  })
})
