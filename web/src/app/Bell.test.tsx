import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { Bell } from './Bell'

const alert = (number: number, acked_at: string | null = null) => ({
  number,
  rule: 'all',
  severity: 'warning',
  job: `job-${number}`,
  event: 'failed',
  since: '2026-11-24T03:00:00Z',
  last: '2026-11-24T03:00:00Z',
  count: 1,
  launch: `job-${number}.1`,
  reason: 'exit code 1 on n1',
  acked_at,
  acked_by: '',
  note: '',
})

const open = (alerts: object[]) =>
  show(
    '/',
    [
      {
        path: '/',
        component: () => (
          <>
            <Bell />
            the page
          </>
        ),
      },
      { path: '/jobs/$job', component: () => 'the page of a job' },
      { path: '/notifications', component: () => 'the notifications' },
    ],
    { 'GET /v1/alerts': alerts },
  )

it('is not there while somebody has acknowledged each alert', async () => {
  const { asked } = open([alert(1, '2026-11-24T03:05:00Z')])
  expect(await screen.findByText('the page')).toBeVisible()
  await expect.poll(() => asked).toContain('GET /v1/alerts?_start=0&_end=500')
  expect(screen.queryByRole('button')).toBeNull()
})

it('counts the others, and links to their jobs', async () => {
  open([{ ...alert(3), displayname: 'Nightly backup' }, alert(2), alert(1, '2026-11-24T03:05:00Z')])
  const user = userEvent.setup()
  const bell = await screen.findByRole('button', { name: '2 alerts not acknowledged' })
  expect(bell).toHaveTextContent('2')
  await user.click(bell)
  expect(await screen.findByRole('menuitem', { name: /Nightly backup/ })).toBeVisible()
  expect(screen.queryByRole('menuitem', { name: /job-1/ })).toBeNull()
  await user.click(screen.getByRole('menuitem', { name: /job-2/ }))
  expect(await screen.findByText('the page of a job')).toBeVisible()
})
