import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  type AnyRouter,
} from '@tanstack/react-router'
import { render } from '@testing-library/react'
import { vi } from 'vitest'
import { newQueryClient } from '@/app/queries'
import { JobPage } from './JobPage'
import { jobSearch } from './search'

/** Answers by method and path, such as `GET /v1/jobs/a`; a function is asked each time. */
export type Answers = Record<string, unknown>

/** Shows the page of a job at an address, before a network that answers as told. Returns what was asked of it. */
export function show(address: string, answers: Answers) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    asked.push(`${request.method} ${pathname}${search}`)
    const answer = answers[`${request.method} ${pathname}`]
    if (answer === undefined) return new Response('', { status: 404 })
    return Response.json(typeof answer === 'function' ? await (answer as (r: Request) => unknown)(request) : answer)
  })
  vi.stubGlobal('scrollTo', () => {})
  const root = createRootRoute()
  const at = () => root
  const routeTree = root.addChildren([
    createRoute({ getParentRoute: at, path: '/jobs/$job', validateSearch: jobSearch, component: JobPage }),
    createRoute({ getParentRoute: at, path: '/jobs', component: () => 'the list of jobs' }),
    createRoute({ getParentRoute: at, path: '/launches/$launch', component: () => 'the page of a launch' }),
  ])
  const router: AnyRouter = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: [address] }) })
  render(
    <QueryClientProvider client={newQueryClient()}>
      <MantineProvider env="test">
        <ModalsProvider>
          <Notifications />
          <RouterProvider router={router} />
        </ModalsProvider>
      </MantineProvider>
    </QueryClientProvider>,
  )
  return { asked, router }
}

/** A job as the server tells it. */
export const stored = {
  id: 'a',
  name: 'a',
  displayname: 'Backup',
  schedule: '@hourly',
  schedule_text: 'Every hour',
  timezone: '',
  owner: 'data',
  owner_email: 'data@example.com',
  success_count: 1,
  error_count: 1,
  last_success: null,
  last_error: null,
  disabled: false,
  tags: { role: 'db:1' },
  metadata: null,
  retries: 0,
  dependent_jobs: null,
  parent_job: '',
  processors: {},
  concurrency: 'allow',
  executor: 'shell',
  executor_config: { command: 'pg_dump' },
  status: 'success',
  next: '2026-11-24T04:00:00Z',
  ephemeral: false,
  starts_at: null,
  expires_at: null,
  parents: [],
  running: 0,
  queued: 0,
  revision: 2,
}
