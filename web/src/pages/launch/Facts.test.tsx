import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { Launch } from '@/api/launches'
import { mount } from '@/testing/show'
import { Facts } from './Facts'

const show = (trace_url?: string) => {
  const launch = {
    id: 'a.1',
    job: 'a',
    state: 'success',
    cause: 'manual',
    created_at: '2026-11-23T12:00:01Z',
    scheduled_at: '2026-11-23T12:00:01Z',
    nodes: 0,
    count: 1,
    trace_url,
  } as Launch
  mount('/', [{ path: '/', component: () => <Facts launch={launch} /> }])
}

it('links to the trace of a launch', async () => {
  show('https://traces.example.com/trace/abc')
  expect(await screen.findByRole('link', { name: 'Open trace' })).toHaveAttribute(
    'href',
    'https://traces.example.com/trace/abc',
  )
})

it('has no link to a trace that is no web address', async () => {
  show('javascript:alert(1)')
  expect(await screen.findByText('Started')).toBeInTheDocument()
  expect(screen.queryByText('Open trace')).toBeNull()
})
