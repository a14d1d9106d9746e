import { expect, it } from 'vitest'
import { linkAddress, webAddress } from './address'

it.each([
  ['https://wiki.example.com/run?a=b#c', 'https://wiki.example.com/run?a=b#c'],
  [' HTTP://wiki ', 'http://wiki/'],
  ['javascript:alert(1)', undefined],
  [' java\nscript:alert(1)', undefined],
  ['JaVaScRiPt://x/%0aalert(1)', undefined],
  ['data:text/html,<script>alert(1)</script>', undefined],
  ['vbscript:x', undefined],
  ['file:///etc/passwd', undefined],
  ['blob:https://a/b', undefined],
  ['mailto:ops@example.com', undefined],
  ['//host/path', undefined],
  ['wiki/page', undefined],
  ['https://', undefined],
  ['', undefined],
  [undefined, undefined],
])('a web address: %s', (text, address) => expect(webAddress(text)).toBe(address))

it('a link may be a mail too', () => {
  expect(linkAddress('mailto:ops@example.com?subject=x')).toBe('mailto:ops@example.com?subject=x')
  expect(linkAddress('tel:112')).toBeUndefined()
})
