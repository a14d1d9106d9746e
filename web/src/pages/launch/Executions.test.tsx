import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { Execution } from '@/api/executions'
import type { Launch } from '@/api/launches'
import { mount } from '@/testing/show'
import { Executions } from './Executions'

const execution: Execution = {
  id: '1-n1',
  job_name: 'a',
  launch_id: 'a.1',
  group: 1,
  node_name: 'n1',
  attempt: 1,
  outcome: 'success',
  success: true,
  started_at: '2026-11-24T00:00:01Z',
  finished_at: '2026-11-24T00:00:03Z',
  output_size: 0,
  scheduled_at: null,
  lateness_ms: 0,
  cpu_seconds: null,
  max_rss: null,
  memory_limit: null,
}

const show = (e: Execution) => {
  const launch = { id: 'a.1', job: 'a', state: 'success', nodes: 1, executions: [e] } as Launch
  mount('/', [{ path: '/', component: () => <Executions launch={launch} shown={[]} choose={() => {}} /> }])
}

it('names what a command left running', async () => {
  show({ ...execution, left_running: ['pid 4711 (sleep)', 'pid 4712 (tail)'] })
  expect(await screen.findByText('left running: pid 4711 (sleep), pid 4712 (tail)')).toBeInTheDocument()
})

it('says nothing of processes where none was left', async () => {
  show(execution)
  expect(await screen.findByText('n1')).toBeInTheDocument()
  expect(screen.queryByText(/left running/)).not.toBeInTheDocument()
})
