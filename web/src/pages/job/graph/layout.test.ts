import { expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { placesOf, tiesOf } from './layout'

const job = (name: string, ...parents: Job['parents'] & object) => ({ name, parents }) as Job
const jobs = [
  job('extract'),
  job('load', { job: 'extract' }, { job: 'gone' }),
  job('alert', { job: 'load', on: 'failure' }),
]

const names = jobs.map(j => j.name)

it('ties parents to children that are known', () => {
  expect(tiesOf(jobs)).toEqual([
    { from: 'extract', to: 'load', on: 'success' },
    { from: 'load', to: 'alert', on: 'failure' },
  ])
})

it('draws parents before children', () => {
  const xs = placesOf(names, tiesOf(jobs), 'LR').map(p => p.x)
  expect(xs).toEqual(xs.toSorted((a, b) => a - b))
  const ys = placesOf(names, tiesOf(jobs), 'TB').map(p => p.y)
  expect(new Set(ys).size).toBe(3)
})
