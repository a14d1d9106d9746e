import { expect, it } from 'vitest'
import { sortedBy } from './order'

it('begins with what is looked for and turns round when it is chosen again', () => {
  expect(sortedBy('next', {})).toEqual({ sort: 'next', order: undefined })
  expect(sortedBy('next', { sort: 'next' })).toEqual({ sort: 'next', order: 'desc' })
  expect(sortedBy('last_error', {})).toEqual({ sort: 'last_error', order: 'desc' })
  expect(sortedBy('last_error', { sort: 'last_error', order: 'desc' })).toEqual({
    sort: 'last_error',
    order: undefined,
  })
  expect(sortedBy('id', {})).toEqual({ sort: undefined, order: 'desc' })
})
