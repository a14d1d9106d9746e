import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { Launches } from './Launches'
import { launchesSearch } from './search'

const launch = (job: string, more: object = {}) => ({
  id: `${job}.1`,
  job,
  group: 1,
  scheduled_at: '2026-11-24T03:00:00Z',
  cause: 'schedule',
  state: 'success',
  reason: '',
  created_at: '2026-11-24T03:00:00Z',
  ended_at: '2026-11-24T03:00:02Z',
  nodes: 1,
  succeeded: 1,
  failed: 0,
  count: 1,
  until: null,
  parent: '',
  ...more,
})

it('names jobs as people do, as the list of jobs does', async () => {
  show('/launches', [{ path: '/launches', validateSearch: launchesSearch, component: Launches }], {
    'GET /v1/launches': [launch('db-backup', { displayname: 'Database backup' }), launch('log-rotation')],
  })
  const named = await screen.findByRole('link', { name: 'Database backup' })
  expect(named).toHaveAttribute('href', '/jobs/db-backup')
  expect(named).toHaveAttribute('title', 'db-backup')
  expect(screen.getByRole('link', { name: 'log-rotation' })).toBeVisible()
  expect(screen.getByText('2 launches, end of list')).toBeVisible()
})
