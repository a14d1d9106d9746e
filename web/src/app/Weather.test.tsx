import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { show } from '@/testing/show'
import { Weather } from './Weather'

const survey = (notices: string[] = []) => ({
  leader: 's1',
  term: 2,
  agents: { alive: 0, failed: 0, left: 0 },
  servers: [{ name: 's1', http_address: '10.0.0.1:8080', notices }],
})

const open = (answers: object) =>
  show(
    '/',
    [
      {
        path: '/',
        component: () => (
          <>
            <Weather />
            the page
          </>
        ),
      },
    ],
    { 'GET /v1/leader': { Name: 's1' }, 'GET /v1/pause': { paused: false }, 'GET /v1/cluster': survey(), ...answers },
  )

it('is hidden while all is well', async () => {
  open({})
  expect(await screen.findByText('the page')).toBeVisible()
  expect(screen.queryByRole('alert')).toBeNull()
})

it('says that there is no leader, and what that means', async () => {
  open({ 'GET /v1/leader': () => new Response('no cluster leader; try again shortly', { status: 503 }) })
  expect(await screen.findByText('The cluster has no leader')).toBeVisible()
  expect(screen.getByText(/Nothing starts/)).toBeVisible()
})

it('says that job changes are frozen, and unfreezes them', async () => {
  let paused = true
  const { asked } = open({
    'GET /v1/pause': () => ({ paused }),
    'POST /v1/unpause': () => ({ paused: (paused = false) }),
  })
  await userEvent.click(await screen.findByRole('button', { name: 'Unfreeze' }))
  await expect.poll(() => screen.queryByRole('alert')).toBeNull()
  expect(asked).toContain('POST /v1/unpause')
})

it('shows what a server reports of its clock', async () => {
  open({ 'GET /v1/cluster': survey(['clock: the wall clock jumped by -1h']) })
  expect(await screen.findByText('s1: clock: the wall clock jumped by -1h')).toBeVisible()
})
