import { useInfiniteQuery } from '@tanstack/react-query'
import type { Job, RecentLaunch } from '@/api/jobs'
import { launchesQuery, type Launch } from '@/api/launches'
import { RecentRuns } from '@/ui/RecentRuns'
import { nameOf } from '@/ui/words'

const places = 10

/** The job's last launches as squares; nothing until there is one. */
export function LastRuns({ job }: { job: Job }) {
  const { data } = useInfiniteQuery(launchesQuery({ job: [job.name] }, places))
  const launches = data?.pages[0]?.items ?? []
  if (!launches.length) return null
  return <RecentRuns launches={launches.map(briefly)} of={nameOf(job)} places={places} />
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
