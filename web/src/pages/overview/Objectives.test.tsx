import { screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { Objectives } from './Objectives'

const late = {
  job: 'report',
  displayname: 'Daily report',
  owner: 'ann',
  objective: 'deadline',
  expected: 'mon-fri 06:00',
  state: 'broken',
  since: '2026-11-24T06:00:00Z',
  breaks_at: null,
  reason: 'its last success was at 2026-11-23 02:30:00 UTC',
}
const soon = {
  ...late,
  job: 'backup',
  displayname: '',
  objective: 'max_silence',
  expected: '26h0m0s',
  state: 'at_risk',
  since: null,
  breaks_at: '2026-11-24T08:00:00Z',
}

const overview = (list: object[], total = list.length) =>
  show(
    '/',
    ['/', '/jobs', '/jobs/$job'].map(path => ({ path, component: path === '/' ? Objectives : () => 'another page' })),
    { 'GET /v1/objectives': () => Response.json(list, { headers: { 'X-Total-Count': String(total) } }) },
  )

it('lists what jobs do not meet, and what they will not meet', async () => {
  const { asked } = overview([late, soon], 12)
  const list = await screen.findByRole('list', { name: 'Objectives in danger' })
  const [first, second] = within(list).getAllByRole('listitem')
  expect(first).toHaveTextContent(
    /broken.*Daily report.*since .*Succeeds by mon-fri 06:00: its last success was at .*ann/,
  )
  expect(second).toHaveTextContent(/at risk.*backup.*breaks .*Succeeds at least every 26 h/)
  expect(screen.getByText('and 10 more')).toBeInTheDocument()
  expect(asked.find(path => path.includes('/v1/objectives'))).toContain('state=broken&state=at_risk')
})

it('says nothing if nothing is in danger', async () => {
  const { asked } = overview([])
  await expect.poll(() => asked.length).toBeGreaterThan(0)
  expect(screen.queryByRole('list')).not.toBeInTheDocument()
})
