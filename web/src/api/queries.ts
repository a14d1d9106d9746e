import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './error'

/**
 * What was read stays right until an event says otherwise; the interval is for what no event tells, and for when none
 * come. A server that is choosing a leader is asked again, what is wrong is not.
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
