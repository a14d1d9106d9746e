import { expect, test } from 'vitest'
import { timelineSearch } from './search'

test('what makes sense is kept, in one form', () => {
  expect(
    timelineSearch({ at: '2026-11-24T10:00:00+01:00', span: '900', by: 'node', failed: 'true', node: 'n1' }),
  ).toEqual({
    at: '2026-11-24T09:00:00.000Z',
    span: 900,
    by: 'node',
    search: undefined,
    node: 'n1',
    failed: true,
    table: undefined,
  })
})

test('what makes none is left out', () => {
  const kept = timelineSearch({ at: 'soon', span: '1', by: 'moon', failed: 'maybe', node: [] })
  expect(Object.values(kept).every(v => v === undefined)).toBe(true)
})
