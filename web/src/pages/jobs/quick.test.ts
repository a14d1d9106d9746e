import { expect, it } from 'vitest'
import { quickOf, viewOf } from './quick'

it('knows its view whatever else is asked for', () => {
  expect(quickOf({ health: ['failing'], owner: 'ops', sort: 'next' })?.label).toBe('Failing')
  expect(quickOf({ owner: 'ops' })?.label).toBe('All')
  expect(quickOf({ status: 'untriggered' })?.label).toBe('Never ran')
  expect(quickOf({ health: ['failing', 'late'] })).toBeUndefined()
  expect(quickOf({ health: ['failing'], status: 'failed' })).toBeUndefined()
})

it('keeps all of a view but its page', () => {
  expect(viewOf({ health: ['failing'], owner: 'ops', sort: 'next', order: 'desc', tree: true, page: 3 })).toEqual({
    health: ['failing'],
    owner: 'ops',
    sort: 'next',
    order: 'desc',
    tree: true,
  })
})
