import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'

/** One instant at which a job is due. */
export type Due = Schemas['Due']['due'][number]

interface DueFilter {
  from?: string
  until?: string
  /** How many at most, up to 5000; the server's default is 100. */
  limit?: number
  job?: string[]
}

/** Due times of all jobs in a future window. */
export const dueQuery = (filter: DueFilter) =>
  queryOptions({
    queryKey: ['due', 'list', filter],
    queryFn: ({ signal }) => body(api.GET('/v1/due', { signal, params: { query: filter } })),
    placeholderData: keepPreviousData,
  })

/** The number of due jobs in each minute of the coming hours. */
export const dueMinutesQuery = (hours = 24) =>
  queryOptions({
    queryKey: ['due', 'minutes', hours],
    queryFn: ({ signal }) => body(api.GET('/v1/due/minutes', { signal, params: { query: { hours } } })),
    staleTime: 60_000,
  })
