import { screen } from '@testing-library/react'
import { lazyRouteComponent } from '@tanstack/react-router'
import { beforeEach, expect, it, vi } from 'vitest'
import { part } from '@/ui/part'
import { mount, network } from '@/testing/show'
import { Trouble } from './Trouble'

beforeEach(() => sessionStorage.clear())

const lost = () => Promise.reject(new Error('Unable to preload CSS for /ui/assets/Jobs.css'))

it('waits for the server if a part of the page could not be loaded, and then loads the page again', async () => {
  const reload = vi.fn<() => void>()
  vi.stubGlobal('location', { reload })
  let up = false
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const asked = network({ 'GET /': () => (up ? new Response('page') : new Response('', { status: 502 })) })
  mount('/', [{ path: '/', component: lazyRouteComponent(part(lost)), errorComponent: Trouble }])
  expect(await screen.findByRole('heading', { name: 'Waiting for the server' })).toBeVisible()
  expect(screen.queryByText(/bug in the page|preload/)).toBeNull()
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), 10_000)
  expect(reload).not.toHaveBeenCalled()
  up = true
  await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce(), 10_000)
  vi.unstubAllGlobals()
})

it('loads a part once more only with the whole page', async () => {
  const load = vi.fn<typeof lost>(lost)
  const again = part(load)
  await expect(again()).rejects.toThrow('could not be loaded')
  await expect(again()).rejects.toThrow('could not be loaded')
  expect(load).toHaveBeenCalledOnce()
})
