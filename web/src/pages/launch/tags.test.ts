import { expect, it } from 'vitest'
import { tagText } from './tags'

it('tells tags and how many nodes they take', () => {
  expect(tagText({ role: 'web:1', zone: 'a' })).toBe('role=web (1 of them), zone=a')
  expect(tagText(null)).toBe('')
})
