import { describe, expect, it } from 'vitest'
import { styled } from './ansi'
import { Lines } from './lines'

const plain = (text: string) => {
  const lines = new Lines()
  lines.write(text)
  return lines.kept.map(l => l.text)
}

describe('a style', () => {
  it('is what the numbers say', () => {
    expect(styled(undefined, '1;31')).toEqual({ bold: true, fg: 1 })
    expect(styled(undefined, '2;3;4;9;7')).toEqual({
      dim: true,
      italic: true,
      underline: true,
      strike: true,
      inverse: true,
    })
    expect(styled(undefined, '97;104')).toEqual({ fg: 15, bg: 12 })
  })

  it('keeps what the numbers do not touch, and ends with nothing or 0', () => {
    const red = styled(undefined, '1;31')
    expect(styled(red, '39')).toEqual({ bold: true })
    expect(styled(red, '22')).toEqual({ fg: 1 })
    expect(styled(red, '')).toBeUndefined()
    expect(styled(red, '0;32')).toEqual({ fg: 2 })
  })

  it('knows 256 colours and all others', () => {
    expect(styled(undefined, '38;5;9')).toEqual({ fg: 9 })
    expect(styled(undefined, '38;5;208')).toEqual({ fg: 'rgb(255 135 0)' })
    expect(styled(undefined, '48;5;232')).toEqual({ bg: 'rgb(8 8 8)' })
    expect(styled(undefined, '38;2;1;2;3;1')).toEqual({ fg: 'rgb(1 2 3)', bold: true })
  })

  it('does not take what makes no sense', () => {
    expect(styled(undefined, '38;5;999')).toBeUndefined()
    expect(styled(undefined, '38;2;1')).toBeUndefined()
    expect(styled(undefined, '?25')).toBeUndefined()
    expect(styled(undefined, '73')).toBeUndefined()
  })

  it('is the same object as one that is alike', () => {
    expect(styled(undefined, '1;31')).toBe(styled(styled(undefined, '31'), '1'))
  })
})

describe('other sequences', () => {
  it('leave no trace', () => {
    expect(plain('a\u001b[2;5Hb\u001b[?25lc\u001b]0;title\u0007d\u001b(Be\u0007f')).toEqual(['abcdef'])
    expect(plain('a\u001b]8;;http://x/\u001b\\link\u001b]8;;\u001b\\b')).toEqual(['alinkb'])
  })

  it('do not swallow the lines after one that never ends', () => {
    expect(plain('a\u001b]0;title\nb')).toEqual(['a', 'b'])
    expect(plain('a\u001b[12\nb')).toEqual(['a', 'b'])
    expect(plain(`a\u001b[${'1'.repeat(64)}bc`)).toEqual(['abc'])
  })
})
