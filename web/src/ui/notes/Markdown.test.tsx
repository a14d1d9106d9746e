import { render } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import Markdown from './Markdown'

const html = (text: string) => render(<Markdown text={text} />).container.firstElementChild!

describe('notes in Markdown', () => {
  it('are drawn', () => {
    const drawn = html(
      '# Title\n\nSome *em*, **strong**, ~~gone~~ and `code`  \nnext\n\n3. three\n4. four\n\n- a\n- b\n\n> quote\n\n' +
        '| a | b |\n|---|--:|\n| 1 | 2 |\n\n```sh\nrm -rf x\n```\n\n---\n\n[wiki](https://wiki.example.com/a) https://bare.example.com',
    )
    expect(drawn.querySelector('h3')).toHaveTextContent('Title')
    const tags = ['em', 'strong', 'del', 'code', 'br', 'ul', 'blockquote p', 'td', 'pre', 'hr']
    expect(tags.filter(tag => !drawn.querySelector(tag))).toEqual([])
    expect(drawn.querySelector('ol')).toHaveAttribute('start', '3')
    expect(drawn.querySelector('ul li')!.innerHTML).toBe('a')
    expect(drawn.querySelector('[data-align=right]')).toHaveTextContent('b')
    expect(drawn.querySelector('pre')!.textContent).toBe('rm -rf x')
    const links = [...drawn.querySelectorAll('a')]
    expect(links.map(a => a.href)).toEqual(['https://wiki.example.com/a', 'https://bare.example.com/'])
    expect(links[0]).toHaveAttribute('rel', 'noopener noreferrer nofollow')
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<svg><style>*{display:none}</style></svg>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java&#10;script:alert(1))',
    '[x](&#x6A;avascript:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](vbscript:x)',
    '[x](file:///etc/passwd)',
    '[x](//evil.example.com)',
    '[x](../../v1/jobs)',
    '[x](#top)',
    '<javascript:alert(1)>',
    '[x]: javascript:alert(1)\n[x]',
    '![x](javascript:alert(1))',
    '![x](data:image/svg+xml,<svg onload=alert(1)>)',
    '`<b>`',
    '```<img src=x onerror=alert(1)>\n<b>\n```',
    '| <b>a</b> |\n|---|\n| <script>1</script> |',
  ])('do nothing: %s', text => {
    const drawn = html(text)
    expect(drawn.querySelector('a, b, img, script, style, svg, iframe, object, [onerror], [onload]')).toBeNull()
    expect(drawn.textContent).toMatch(/\S/)
  })

  it('fetch no image, and link to it', () => {
    const drawn = html(
      '![the chart](https://example.com/x.png "t")\n\n[![in a link](https://example.com/y.png)](https://a.example.com)',
    )
    expect(drawn.querySelector('img')).toBeNull()
    expect([...drawn.querySelectorAll('a')].map(a => `${a.textContent} ${a.href}`)).toEqual([
      'the chart https://example.com/x.png',
      'in a link https://a.example.com/',
    ])
  })

  it.each([
    '>',
    '> ',
    '- ',
    '1. ',
    '*a ',
    '_a_ ',
    '[',
    '[a](',
    '![',
    '`',
    '<',
    '<!--',
    '&a',
    '\\',
    '[a]: b\n',
    'a**b',
    '> a\n',
    '#',
  ])('of 16 KiB never stop the page: %j', text => {
    const began = performance.now()
    html(text.repeat(16_384 / text.length))
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
