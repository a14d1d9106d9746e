import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { Job } from '@/api/jobs'
import { show } from '@/testing/show'
import { BulkBar } from './BulkBar'
import type { Selecting } from './selection'

const nothing = () => {}

function bar(unseen: number) {
  const jobs = new Map(['a', 'b', 'c'].map(name => [name, { name } as Job]))
  const selecting: Selecting = {
    selection: { all: false, jobs },
    has: name => jobs.has(name),
    count: () => jobs.size,
    set: nothing,
    chooseAll: nothing,
    clear: nothing,
  }
  const component = () => (
    <BulkBar selecting={selecting} total={9} pageChosen={false} unseen={unseen} onAct={nothing} onExport={nothing} />
  )
  show('/', [{ path: '/', component }], {})
}

it('says how many of the selected jobs are out of sight', async () => {
  bar(1)
  expect(await screen.findByText('3 jobs selected, 1 not on this page')).toBeVisible()
})

it('says only how many are selected if all of them are in sight', async () => {
  bar(0)
  expect(await screen.findByText('3 jobs selected')).toBeVisible()
})
