import { useQuery, useQueryClient } from '@tanstack/react-query'
import { dueMinutesQuery } from '@/api/due'

const hours = 24

/** How many fire in each minute of the coming day. A launch that begins changes little of it: it is read by the clock. */
export function useMinutes() {
  const client = useQueryClient()
  return useQuery({
    queryKey: ['timeline', 'minutes', hours],
    queryFn: () => client.fetchQuery(dueMinutesQuery(hours)),
    staleTime: 30_000,
    refetchInterval: 60_000,
  })
}
