import { expect, it } from 'vitest'
import { launchSearch } from './search'

it('shows at most three outputs, each once', () => {
  expect(launchSearch({ show: ['a', 'b', 'a', 'c', 'd'] })).toEqual({ show: ['a', 'b', 'c'] })
  expect(launchSearch({ show: 'a' })).toEqual({ show: ['a'] })
  expect(launchSearch({ show: 7 })).toEqual({})
  expect(launchSearch({})).toEqual({})
})
