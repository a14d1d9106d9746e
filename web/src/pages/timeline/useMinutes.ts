import { useQuery, useQueryClient } from '@tanstack/react-query'
import { dueMinutesQuery } from '@/api/due'

const hours = 24

/** The runs of the matching jobs in each minute of the next 24 hours. A new launch hardly changes them, so they are polled. */
export function useMinutes(search?: string) {
  const client = useQueryClient()
  return useQuery({
    queryKey: ['timeline', 'minutes', hours, search],
    queryFn: () => client.fetchQuery(dueMinutesQuery(hours, search)),
    staleTime: 30_000,
    refetchInterval: 60_000,
  })
}
