import { describe, expect, it } from 'vitest'
import { before, Finder, neighbour, placesOf } from './find'
import { Lines } from './lines'
import { segments } from './segments'

describe('looking for a text', () => {
  it('finds it in either case, several times in a line', () => {
    expect(placesOf('Error: no error', 'error')).toEqual([0, 10])
  })

  it('goes on with lines that come, and sees again the one that has changed', () => {
    const lines = new Lines()
    lines.write('error\nerr')
    const finder = new Finder(lines, 'Error')
    expect(finder.advance()).toBe(true)
    expect(finder.hits).toEqual([{ line: 0, at: 0 }])
    lines.write('or\nno\nerror')
    finder.advance()
    expect(finder.hits.map(h => h.line)).toEqual([0, 1, 3])
    lines.write('\rxxxxx')
    finder.advance()
    expect(finder.hits.map(h => h.line)).toEqual([0, 1])
  })

  it('leaves what was forgotten', () => {
    const lines = new Lines({ width: 100, lines: 10, size: 1e6 })
    const finder = new Finder(lines, 'x')
    for (let i = 0; i < 30; i++) {
      lines.write('x\n')
      finder.advance()
    }
    expect(finder.hits.length).toBe(lines.kept.length)
    expect(finder.hits[0]!.line).toBe(lines.forgotten)
  })

  it('goes from hit to hit and round at the ends', () => {
    const hits = [
      { line: 1, at: 0 },
      { line: 1, at: 7 },
      { line: 9, at: 0 },
    ]
    expect(before(hits, { line: 1, at: 7 })).toBe(1)
    expect(neighbour(hits, undefined, 2, 1)).toBe(hits[2])
    expect(neighbour(hits, undefined, 2, -1)).toBe(hits[1])
    expect(neighbour(hits, undefined, 10, 1)).toBe(hits[0])
    expect(neighbour(hits, hits[2], 0, 1)).toBe(hits[0])
    expect(neighbour(hits, hits[0], 0, -1)).toBe(hits[2])
    expect(neighbour([], undefined, 0, 1)).toBeUndefined()
  })
})

describe('segments of a line', () => {
  const bold = { bold: true }
  it('are cut at styles and hits', () => {
    const line = {
      text: 'abcdef',
      runs: [
        { end: 2, style: bold },
        { end: 6, style: undefined },
      ],
    }
    expect(segments(line, [1, 4], 2, 4).map(s => [s.text, s.style, s.found])).toEqual([
      ['a', bold, undefined],
      ['b', bold, 'hit'],
      ['c', undefined, 'hit'],
      ['d', undefined, undefined],
      ['ef', undefined, 'current'],
    ])
  })

  it('are one where nothing changes', () => {
    expect(segments({ text: 'plain' }, [], 0)).toEqual([{ at: 0, text: 'plain', style: undefined, found: undefined }])
    expect(segments({ text: '' }, [], 0)).toEqual([])
  })
})
