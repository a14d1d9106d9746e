import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'

/** One instant at which a job will fire. */
export type Due = Schemas['Due']['due'][number]

interface DueFilter {
  from?: string
  until?: string
  /** How many at most, up to 5000; the server's default is 100. */
  limit?: number
  job?: string[]
}

/** What fires in a time to come, over all jobs. */
export const dueQuery = (filter: DueFilter) =>
  queryOptions({
    queryKey: ['due', 'list', filter],
    queryFn: ({ signal }) => body(api.GET('/v1/due', { signal, params: { query: filter } })),
    placeholderData: keepPreviousData,
  })

/** How many jobs fire in each minute of the hours to come. */
export const dueMinutesQuery = (hours = 24) =>
  queryOptions({
    queryKey: ['due', 'minutes', hours],
    queryFn: ({ signal }) => body(api.GET('/v1/due/minutes', { signal, params: { query: { hours } } })),
    staleTime: 60_000,
  })
