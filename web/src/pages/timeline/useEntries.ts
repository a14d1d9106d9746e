import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { timeOf } from '@/api/client'
import { dueJobsQuery, type DueJobs } from '@/api/due'
import { executionNodesQuery } from '@/api/executions'
import { badStates, failedStates, launchJobsQuery, notRunStates } from '@/api/launches'
import { ofDueJob, ofExecutionNode, ofLaunchJob } from './entry'
import { hour, spanOf, windowOf, type View } from './scale'
import type { TimelineSearch } from './search'

const mostShown = 50_000 // marks and bands; the server sums up more
const manyJobs = 1000

/**
 * The due times in the window. A new launch does not change them, so they are polled instead of reloaded after every
 * launch; large answers less often.
 */
function useDue(window: View, now: number, search: string | undefined, enabled: boolean) {
  const client = useQueryClient()
  const filter = {
    from: window.from > now ? new Date(window.from).toISOString() : undefined,
    until: new Date(window.to).toISOString(),
    limit: mostShown,
    search,
  }
  return useQuery({
    queryKey: ['timeline', 'due', filter],
    enabled: enabled && window.to > now,
    queryFn: () => client.fetchQuery(dueJobsQuery(filter)),
    placeholderData: keepPreviousData,
    staleTime: 5000,
    refetchInterval: query => ((query.state.data?.jobs.length ?? 0) > manyJobs ? 60_000 : 10_000),
  })
}

const entriesOf = ({ jobs, targets }: DueJobs, byNode: boolean) =>
  jobs.flatMap(job => ofDueJob(job, targets[job.targets]!, byNode))

interface Period {
  from: string
  until: string
  search?: string
  limit: number
}

/** The past of the view by job: summed up by the server, so that all of it is shown. */
function usePastByJob(period: Period, failed: boolean, enabled: boolean) {
  const query = useQuery({ ...launchJobsQuery({ ...period, state: failed ? [...badStates] : undefined }), enabled })
  const { data } = query
  const entries = useMemo(() => data?.jobs.flatMap(ofLaunchJob) ?? [], [data])
  return { ...query, entries, summed: data }
}

/** The past of the view by node, likewise: executions, and launches that ran on none. */
function usePastByNode(period: Period, node: string | undefined, failed: boolean, enabled: boolean) {
  const executions = useQuery({
    ...executionNodesQuery({
      ...period,
      node: node ? [node] : undefined,
      state: failed ? [...failedStates] : undefined,
    }),
    enabled,
  })
  const state = failed ? notRunStates.filter(s => badStates.includes(s)) : [...notRunStates]
  const launches = useQuery({ ...launchJobsQuery({ ...period, state }), enabled: enabled && !node })
  const entries = useMemo(
    () => [
      ...(executions.data?.nodes.flatMap(n => ofExecutionNode(n, executions.data.displaynames)) ?? []),
      ...((!node && launches.data?.jobs.flatMap(ofLaunchJob)) || []),
    ],
    [executions.data, launches.data, node],
  )
  return { ...executions, error: executions.error ?? launches.error, entries, summed: executions.data }
}

/** Past and coming entries of a view, and how much of it was summed up. */
export function useEntries(search: TimelineSearch, view: View, now: number) {
  const window = windowOf(view)
  const byNode = search.by === 'node' || search.node !== undefined
  const failed = search.failed ?? false
  const hasPast = window.from < now
  // For a view of the past, skip what ended long after it: it would make what is shown coarser.
  const isPast = window.to < now
  const period = {
    from: new Date(window.from).toISOString(),
    until: new Date(window.to + (isPast ? Math.max(spanOf(window), hour) : 0)).toISOString(),
    search: search.search,
    limit: mostShown,
  }
  const ofJobs = usePastByJob(period, failed, hasPast && !byNode)
  const ofNodes = usePastByNode(period, search.node, failed, hasPast && byNode)
  const due = useDue(window, now, search.search, !failed)

  const past = byNode ? ofNodes : ofJobs
  const entries = useMemo(() => {
    const coming = failed || !due.data ? [] : entriesOf(due.data, byNode)
    return [...(hasPast ? past.entries : []), ...coming.filter(e => !search.node || e.node === search.node)]
  }, [byNode, hasPast, past.entries, due.data, search.node, failed])
  const summed = hasPast ? past.summed : undefined
  return {
    entries,
    error: past.error ?? due.error,
    refetch: past.refetch,
    /** Whether there was an answer yet. */
    known: !hasPast || summed !== undefined,
    /** What ended before this is not shown, since there is too much. */
    readFrom: summed?.truncated ? timeOf(summed.complete_from)?.getTime() : undefined,
    due: due.data,
    /** What the server has summed up of the past. */
    summed,
    past: isPast,
  }
}
