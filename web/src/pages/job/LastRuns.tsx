import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Job, RecentLaunch } from '@/api/jobs'
import { launchesQuery, type Launch } from '@/api/launches'
import { RecentRuns } from '@/ui/RecentRuns'
import { nameOf } from '@/ui/words'

const places = 10

/** The job with its last launches, which the list of jobs has too: whether it runs or only waits is known from them. */
export function useRecent(job: Job): Job {
  const { data } = useInfiniteQuery(launchesQuery({ job: [job.name] }, places))
  return useMemo(() => ({ ...job, recent_launches: (data?.pages[0]?.items ?? []).map(briefly) }), [job, data])
}

/** The job's last launches as squares; nothing until there is one. */
export function LastRuns({ job }: { job: Job }) {
  if (!job.recent_launches?.length) return null
  return <RecentRuns launches={job.recent_launches} of={nameOf(job)} places={places} />
}

const briefly = ({ id, state, cause, reason, scheduled_at, created_at, ended_at, nodes }: Launch): RecentLaunch => ({
  id,
  state,
  cause,
  reason,
  scheduled_at,
  started_at: nodes ? created_at : null,
  ended_at,
})
