import { expect, it } from 'vitest'
import { childrenFirst, type Chosen } from './generations'

const job = (name: string, ...children: string[]): Chosen => ({
  name,
  disabled: false,
  dependent_jobs: children,
  confirm: false,
  executor: 'shell',
})
const names = (groups: Chosen[][]) => groups.map(g => g.map(j => j.name))

it('puts children before their parents', () => {
  const jobs = [job('extract', 'transform', 'elsewhere'), job('alone'), job('transform', 'load'), job('load')]
  expect(names(childrenFirst(jobs))).toEqual([['alone', 'load'], ['transform'], ['extract']])
})

it('does not go round in circles', () => {
  expect(childrenFirst([job('a', 'b'), job('b', 'a')]).flat()).toHaveLength(2)
  expect(childrenFirst([])).toEqual([])
})
