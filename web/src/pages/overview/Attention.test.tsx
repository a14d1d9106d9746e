import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import type { Job } from '@/api/jobs'
import { show } from '@/testing/show'
import { Attention } from './Attention'

const at = (hour: number) => `2026-11-24T${String(hour).padStart(2, '0')}:58:00Z`

const launch = (job: string, more: object = {}) => ({
  id: `${job}.1`,
  group: 1,
  state: 'failed',
  cause: 'schedule',
  reason: 'exit code 17 on web-2: ERROR 503 from upstream',
  scheduled_at: at(19),
  started_at: at(19),
  ended_at: at(19),
  ...more,
})

const job = (name: string, more: Partial<Job>) => ({ name, displayname: '', running: 0, queued: 0, ...more })

const probe = job('health-checkout', {
  health: 'failing',
  health_since: at(19),
  failure_streak: 45,
  owner: 'web',
  last_launch: launch('health-checkout') as Job['last_launch'],
})
const slow = job('export', {
  health: 'long_running',
  health_since: at(18),
  recent_launches: [launch('export', { state: 'running', ended_at: null })] as Job['recent_launches'],
})
const lost = job('train', {
  health: 'did_not_run',
  health_since: at(17),
  last_launch: launch('train', { state: 'no_target', reason: 'no live node has role=gpu' }) as Job['last_launch'],
})

function overview(jobs: object[], total = jobs.length) {
  const answer = ({ url }: Request) => {
    const wanted = new URL(url).searchParams.getAll('health')
    const found = jobs.filter(j => wanted.includes((j as Job).health!))
    return Response.json(found, { headers: { 'X-Total-Count': String(found.length ? total : 0) } })
  }
  const others = ['/jobs', '/jobs/$job', '/launches/$launch']
  return show(
    '/',
    [{ path: '/', component: Attention }, ...others.map(path => ({ path, component: () => 'another page' }))],
    { 'GET /v1/jobs': answer, 'POST /v1/jobs/health-checkout/run': { launch_id: 'health-checkout.2' } },
  )
}

it('lists each failing job once: since when, how often, why, whose, and what to do', async () => {
  const { asked } = overview([probe])
  const list = await screen.findByRole('list', { name: 'Failing now' })
  const item = within(list).getByRole('listitem')
  expect(item).toHaveTextContent(/failing × 45.*health-checkout.*since .*58.*exit code 17 on web-2: ERROR 503.*web/)
  expect(within(item).getByRole('link', { name: 'Output' })).toHaveAttribute('href', '/launches/health-checkout.1')
  await userEvent.setup().click(within(item).getByRole('button', { name: 'Run again: health-checkout' }))
  await vi.waitFor(() => expect(asked).toContain('POST /v1/jobs/health-checkout/run'))
  expect(asked[0]).toContain('_sort=health')
})

it('shows what is slow after that, and then what did not run', async () => {
  overview([lost, slow, probe])
  await screen.findByRole('list', { name: 'Failing now' })
  const titles = screen.getAllByRole('heading', { level: 2 }).map(h => h.textContent)
  expect(titles).toEqual(['Failing now', 'Late and running long', 'Did not run or lost'])
  const long = screen.getByRole('list', { name: 'Late and running long' })
  expect(within(long).getByRole('link', { name: 'Output' })).toHaveAttribute('href', '/launches/export.1')
  expect(screen.getByRole('list', { name: 'Did not run or lost' })).toHaveTextContent('no live node has role=gpu')
})

it('links to all of them if there are more', async () => {
  overview([probe], 1200)
  expect(await screen.findByRole('link', { name: 'All 1,200' })).toHaveAttribute(
    'href',
    expect.stringContaining('failing'),
  )
})

it('is one calm line if all is well', async () => {
  overview([])
  expect(await screen.findByText(/No job is failing or late, and all that was due has run/)).toBeVisible()
  expect(screen.queryByRole('heading', { level: 2 })).toBeNull()
})
