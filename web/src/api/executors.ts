import { queryOptions } from '@tanstack/react-query'
import { api, slice, type Schemas } from './client'
import { ApiError } from './error'

/** An executor as it describes itself. */
export type Description = Schemas['Executor']
/** A key of its configuration. */
export type KeyDescription = Schemas['ExecutorKey']

/** The executors that jobs may name, in the order in which to offer them. An older server has none. */
export const executorsQuery = queryOptions({
  queryKey: ['executors'],
  queryFn: async ({ signal }): Promise<Description[]> => {
    try {
      return (await slice(api.GET('/v1/executors', { signal }))).items
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return []
      throw error
    }
  },
  // They change with the server's version and with plugins.
  staleTime: 60_000,
  refetchInterval: false,
})
