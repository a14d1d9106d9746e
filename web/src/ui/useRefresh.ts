import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { jobKeys } from '@/api/jobs'
import { launchKeys } from '@/api/launches'

/** Reloads what a change of a job makes stale, without waiting for the event. */
export function useRefresh() {
  const queries = useQueryClient()
  return useCallback(
    async (job: string) => {
      await Promise.all(
        [jobKeys.of(job), jobKeys.lists, launchKeys.lists].map(queryKey => queries.invalidateQueries({ queryKey })),
      )
    },
    [queries],
  )
}
