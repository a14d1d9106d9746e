import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import type { Launch } from '@/api/launches'
import { mount } from '@/testing/show'
import { Actions } from './Actions'

const launch = (state: Launch['state'], cause: Launch['cause']) => ({ id: 'a.1', job: 'a', state, cause }) as Launch

const show = (state: Launch['state'], cause: Launch['cause'] = 'schedule') =>
  mount('/', [{ path: '/', component: () => <Actions launch={launch(state, cause)} /> }])

it('stops a launch with a reason', async () => {
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
    asked.push(`${(request as Request).method} ${(request as Request).url}`)
    return Response.json({ id: 'a.1' })
  })
  const user = userEvent.setup()
  show('running')
  await user.click(await screen.findByRole('button', { name: 'Stop' }))
  await user.type(await screen.findByLabelText('Reason'), 'wrong release{Enter}')
  await waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]).toMatch(/POST .*\/v1\/launches\/a\.1\/stop\?reason=wrong%20release$/)
})

it('runs a job that asks first again only after a question', async () => {
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
    const { method, url } = request as Request
    if (method !== 'GET') asked.push(`${method} ${new URL(url).pathname}`)
    return Response.json({ id: 'a.2', name: 'a', displayname: 'Migrate orders', confirm: true, dependent_jobs: [] })
  })
  const user = userEvent.setup()
  show('failed')
  await user.click(await screen.findByRole('button', { name: 'Run again' }))
  await user.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(asked).toEqual([])
  await user.click(await screen.findByRole('button', { name: 'Run again' }))
  await screen.findByRole('dialog', { name: 'Run Migrate orders now?' })
  await user.click(screen.getByRole('button', { name: 'Run now' }))
  await waitFor(() => expect(asked).toEqual(['POST /v1/launches/a.1/rerun']))
})

it('runs nothing if it can’t be known whether the job asks first', async () => {
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
    asked.push((request as Request).method)
    return new Response('no leader', { status: 503 })
  })
  const user = userEvent.setup()
  show('failed')
  await user.click(await screen.findByRole('button', { name: 'Run again' }))
  expect(await screen.findByText('no leader')).toBeVisible()
  expect(asked).toEqual(['GET'])
})

it('has nothing to stop when it has ended', async () => {
  show('success')
  expect(await screen.findByRole('button', { name: 'Run again' })).toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Stop' })).not.toBeInTheDocument()
})

it('can’t run again what dkron has not run', async () => {
  show('failed', 'checkin')
  expect(await screen.findByRole('link', { name: 'Open job' })).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Run again' })).not.toBeInTheDocument()
})

it.each([false, true])('lets dependent jobs follow only if asked to: %s', async children => {
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
    const { method, url } = request as Request
    if (method !== 'GET') asked.push(new URL(url).search)
    return Response.json({ id: 'a.2', name: 'a', dependent_jobs: ['b'] })
  })
  const user = userEvent.setup()
  show('failed')
  await user.click(await screen.findByRole('button', { name: 'Run again' }))
  if (children) await user.click(await screen.findByLabelText('Run dependent jobs too'))
  await user.click(await screen.findByRole('button', { name: 'Run again now' }))
  await waitFor(() => expect(asked).toEqual([children ? '?with_children=true' : '']))
})
