import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './error'

/**
 * Data is valid until an event marks it as stale; the interval covers what no event reports, and times without events.
 * A request is retried while the cluster elects a leader, not if the request itself is wrong.
 */
export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1000,
        refetchInterval: 15_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => error instanceof ApiError && error.passing && failures < 3,
        retryDelay: failures => Math.min(500 * 2 ** failures, 5000),
        networkMode: 'always', // a machine without internet may be the server
      },
      mutations: { networkMode: 'always' },
    },
  })
