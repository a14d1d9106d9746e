import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import type { RecentLaunch } from '@/api/jobs'
import { show } from '@/testing/show'
import { RecentRuns } from './RecentRuns'

const minute = (n: number) => new Date(Date.UTC(2026, 10, 24, 3, n)).toISOString()

const launch = (n: number, more: Partial<RecentLaunch> = {}): RecentLaunch => ({
  id: `backup.${n}`,
  state: 'success',
  cause: 'schedule',
  reason: '',
  scheduled_at: minute(n),
  started_at: minute(n),
  ended_at: minute(n + 1),
  ...more,
})

const launches = [
  launch(30, { state: 'failed', reason: 'exit code 17 on web-2: ERROR 503' }),
  launch(20, { state: 'no_target', started_at: null, reason: 'no live node has role=db' }),
  launch(10),
]

function squares() {
  const Page = () => <RecentRuns of="backup" launches={launches} />
  show(
    '/',
    [
      { path: '/', component: Page },
      { path: '/launches/$launch', component: () => 'the launch' },
    ],
    {},
  )
}

it('sums the launches up in its name, and is one link to the newest', async () => {
  squares()
  const link = await screen.findByRole('link', {
    name: /^The 3 last launches of backup: 1 failed, 1 no target, 1 success\./,
  })
  expect(link).toHaveAttribute('href', '/launches/backup.30')
})

it('tells when, how long and why of the one that is pointed at, and leads there', async () => {
  squares()
  const link = await screen.findByRole('link')
  const user = userEvent.setup()
  await user.hover(link.querySelector('[data-state=failed]')!)
  expect(await screen.findByRole('status')).toHaveTextContent(
    /^failed · 2026-11-24 .*took 1 min · exit code 17 on web-2: ERROR 503$/,
  )
  await user.hover(link.querySelector('[data-state=no_target]')!)
  expect(link).toHaveAttribute('href', '/launches/backup.20')
})

it('is one Tab stop, in which arrow keys choose', async () => {
  squares()
  const link = await screen.findByRole('link')
  const user = userEvent.setup()
  await user.tab()
  expect(link).toHaveFocus()
  await user.keyboard('{ArrowLeft}')
  expect(await screen.findByRole('status')).toHaveTextContent(/^no target · .* · no live node has role=db$/)
  await user.keyboard('{ArrowLeft}{ArrowLeft}')
  expect(link).toHaveAttribute('href', '/launches/backup.10')
  await user.keyboard('{Enter}')
  expect(await screen.findByText('the launch')).toBeVisible()
})

it('does not tell a state by its colour alone', async () => {
  squares()
  const link = await screen.findByRole('link')
  expect(link.querySelector('[data-state=success] svg')).toBeNull()
  expect(link.querySelector('[data-state=failed] svg')).not.toBeNull()
  expect(link.querySelector('[data-state=no_target]')).toHaveAttribute('data-hollow')
})
