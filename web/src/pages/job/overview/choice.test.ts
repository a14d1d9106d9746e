import { describe, expect, it } from 'vitest'
import type { Member } from '@/api/cluster'
import { choiceOf, having } from './choice'

describe('choiceOf', () => {
  it('says that nodes are chosen at each launch', () => {
    expect(choiceOf({ nodes: [], count: 2, matching: ['web-1', 'web-2', 'web-3'] })).toEqual({
      before: '2 of',
      names: ['web-1', 'web-2', 'web-3'],
      after: 'chosen at each launch',
    })
  })

  it('names nodes that are certain', () => {
    expect(choiceOf({ nodes: ['db-1'], count: 1, matching: ['db-1'] }).before).toBe('On')
    expect(choiceOf({ nodes: ['a', 'b'], count: 2, matching: ['a', 'b'] }).before).toBe('On all 2:')
  })
})

const member = (role: string, statusText: Member['statusText']) => ({ Tags: { role }, statusText }) as unknown as Member

it('counts live nodes that have a tag', () => {
  const members = [member('web', 'alive'), member('web', 'failed'), member('db', 'alive')]
  expect(having(members, { key: 'role', value: 'web' })).toBe(1)
})
