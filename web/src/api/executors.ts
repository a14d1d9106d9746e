import { queryOptions } from '@tanstack/react-query'
import { api, slice, type Schemas, type Slice } from './client'
import { ApiError } from './error'

/** An executor as it describes itself. */
export type Description = Schemas['Executor']
/** A key of its configuration. */
export type KeyDescription = Schemas['ExecutorKey']

/** The executors that jobs may name, in the order in which to offer them. An older server has none. */
export const executorsQuery = queryOptions({
  queryKey: ['executors'],
  queryFn: ({ signal }) => described(slice(api.GET('/v1/executors', { signal }))),
  // They change with the server's version and with plugins.
  staleTime: 60_000,
  refetchInterval: false,
})

/** The processors that jobs may name, likewise. */
export const processorsQuery = queryOptions({
  queryKey: ['processors'],
  queryFn: ({ signal }) => described(slice(api.GET('/v1/processors', { signal }))),
  staleTime: 60_000,
  refetchInterval: false,
})

async function described(answer: Promise<Slice<Description>>): Promise<Description[]> {
  try {
    return (await answer).items
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return []
    throw error
  }
}
