import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from './client'

/** One instant at which a job will fire. */
export interface Due {
  job: string
  displayname: string
  at: string
  /** Nodes that are sure to be chosen. */
  nodes: string[]
  /** How many nodes are chosen. */
  count: number
}

interface DueList {
  from: string
  until: string
  truncated: boolean
  due: Due[]
}

interface DueMinutes {
  /** A whole minute; each of `counts` is one further. */
  from: string
  counts: number[]
  total: number
  truncated: boolean
}

export interface DueFilter {
  from?: string
  until?: string
  limit?: number
  job?: string[]
}

/** What fires in a time to come, over all jobs. */
export const dueQuery = (filter: DueFilter) =>
  queryOptions({
    queryKey: ['due', 'list', filter],
    queryFn: ({ signal }) => read<DueList>('/v1/due', { ...filter }, signal),
    placeholderData: keepPreviousData,
  })

/** How many jobs fire in each minute of the hours to come. */
export const dueMinutesQuery = (hours = 24) =>
  queryOptions({
    queryKey: ['due', 'minutes', hours],
    queryFn: ({ signal }) => read<DueMinutes>('/v1/due/minutes', { hours }, signal),
    staleTime: 60_000,
  })

async function read<T>(path: string, query: Record<string, unknown>, signal: AbortSignal): Promise<T> {
  const { data } = await api.GET(path as '/v1', { signal, params: { query: query as never } })
  return data as unknown as T
}
