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
  type ErrorRouteComponent,
  type RouteComponent,
} from '@tanstack/react-router'
import { render } from '@testing-library/react'
import { vi } from 'vitest'
import { newQueryClient } from '@/api/queries'

/** Answers by method and path, such as `GET /v1/jobs/a`; a function is called for each request. Anything else is a 404. */
export type Answers = Record<string, unknown>

interface Place {
  path: string
  component: RouteComponent
  errorComponent?: ErrorRouteComponent
  validateSearch?: (search: Record<string, unknown>) => object
}

/** Answers requests from the table, and returns the list of requests. */
export function network(answers: Answers): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    asked.push(`${request.method} ${pathname}${search}`)
    let answer = answers[`${request.method} ${pathname}`]
    if (typeof answer === 'function') answer = await (answer as (r: Request) => unknown)(request)
    if (answer === undefined) return new Response('', { status: 404 })
    return answer instanceof Response ? answer : Response.json(answer)
  })
  return asked
}

/** Shows pages at an address as the application does, with a network that answers from the table. */
export function show(address: string, places: Place[], answers: Answers) {
  const asked = network(answers)
  return { asked, ...mount(address, places) }
}

/** The same with whatever network is in place. */
export function mount(address: string, places: Place[]) {
  vi.stubGlobal('scrollTo', () => {})
  const root = createRootRoute()
  const routeTree = root.addChildren(places.map(place => createRoute({ getParentRoute: () => root, ...place })))
  const history = createMemoryHistory({ initialEntries: [address] })
  const router: AnyRouter = createRouter({ routeTree, history })
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
  return { router }
}
