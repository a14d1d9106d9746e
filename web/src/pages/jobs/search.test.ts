import { describe, expect, it } from 'vitest'
import { filterOf, jobsSearch, listingOf } from './search'

const known = (search: Record<string, unknown>) => JSON.parse(JSON.stringify(jobsSearch(search))) as object

describe('the query of the list', () => {
  it('keeps what makes sense', () => {
    const search = {
      search: 'nightly data',
      status: 'failed',
      disabled: false,
      owner: 'ops',
      executor: 'shell',
      parent: 'extract',
      tags: { role: 'web:2' },
      metadata: { team: 'ops' },
      health: ['failing', 'late'],
      running: true,
      sort: 'next',
      order: 'desc',
      page: 3,
    }
    expect(known(search)).toEqual(search)
  })

  it('ignores what makes none', () => {
    expect(
      known({
        search: ['a'],
        status: 'nice',
        disabled: 'perhaps',
        owner: { a: 1 },
        tags: 'role',
        metadata: [1],
        health: 'ill',
        running: 'no',
        sort: 'colour',
        order: 'up',
        page: -3,
        other: 'x',
      }),
    ).toEqual({})
  })

  it('reads a number that was searched for as text', () => {
    expect(jobsSearch({ search: 42 }).search).toBe('42')
  })
})

describe('what the server is asked for', () => {
  it('is a slice in an order', () => {
    expect(listingOf({ page: 3, sort: 'next', order: 'desc' }, 50)).toEqual({
      sort: 'next',
      descending: true,
      start: 100,
      end: 150,
      recent: 10,
    })
  })

  it('has at most ten words', () => {
    expect(filterOf({ search: ' a b  c d e f g h i j k l ' })).toEqual({ search: 'a b c d e f g h i j' })
    expect(filterOf({ search: '  ', page: 2, sort: 'id' })).toEqual({})
  })
})
