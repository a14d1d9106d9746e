import { useQuery, useQueryClient } from '@tanstack/react-query'
import { dueMinutesQuery } from '@/api/due'

const hours = 24

/** The runs in each minute of the next 24 hours. A new launch hardly changes them, so they are polled. */
export function useMinutes() {
  const client = useQueryClient()
  return useQuery({
    queryKey: ['timeline', 'minutes', hours],
    queryFn: () => client.fetchQuery(dueMinutesQuery(hours)),
    staleTime: 30_000,
    refetchInterval: 60_000,
  })
}
