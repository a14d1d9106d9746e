import { expect, it } from 'vitest'
import { sameSearch, viewsOf, without, withView, type View } from './views'

const view = (name: string, search = {}): View => ({ name, of: 'jobs', search })

it('replaces a view of the same name', () => {
  const views = withView(withView([view('a')], view('b')), view('a', { owner: 'ops' }))
  expect(views).toEqual([view('b'), view('a', { owner: 'ops' })])
  expect(without(views, view('a'))).toEqual([view('b')])
})

it('reads what a browser has stored, whatever that is', () => {
  expect(viewsOf(undefined)).toEqual([])
  expect(viewsOf([view('a'), { name: 'b' }, null, 7, { name: '', of: 'jobs', search: {} }])).toEqual([view('a')])
})

it('knows a search whatever the order of its parameters', () => {
  expect(sameSearch({ a: 1, state: ['x', 'y'] }, { state: ['y', 'x'], a: 1, b: undefined })).toBe(true)
  expect(sameSearch({ tags: { role: 'web' } }, { tags: { role: 'db' } })).toBe(false)
})
