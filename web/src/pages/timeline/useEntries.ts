import { keepPreviousData, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, portion } from '@/api/client'
import { dueJobsQuery, type DueJobs } from '@/api/due'
import { executionKeys, fetchExecutions, type Execution } from '@/api/executions'
import { fetchJobs } from '@/api/jobs'
import { badStates, failedStates, launchJobsQuery, launchKeys, notRunStates, type Launch } from '@/api/launches'
import { attempt } from '@/ui/act'
import { isBad, ofDueJob, ofExecution, ofLaunch, ofLaunchJob, type Entry } from './entry'
import { readHistory, readOn, type Loaded, type Source } from './history'
import { hour, spanOf, windowOf, type View } from './scale'
import type { TimelineSearch } from './search'

const portionSize = 1000
const mostAtOnce = 5000 // executions that are loaded unless more are requested
const mostDue = 50_000 // due times and bands; the server sums up more
const manyJobs = 1000
const mostNamed = 50 // jobs that a request names; for more, all is loaded and filtered here

interface Asked {
  job?: string[]
  node?: string
  failed?: true
  until?: string
}

const executionsOf = (asked: Asked): Source<Execution> => ({
  page: (since, after) =>
    fetchExecutions(
      { job: asked.job, node: asked.node, status: asked.failed && [...failedStates], since, until: asked.until },
      portionSize,
      after,
    ),
  endOf: e => endOf(e.outcome && e.finished_at),
  keyOf: e => `${e.job_name}/${e.id}`,
})

const launchesOf = ({ job, failed, until }: Asked): Source<Launch> => ({
  page: (since, after) => {
    const state = failed ? notRunStates.filter(s => badStates.includes(s)) : [...notRunStates]
    return portion(
      api.GET('/v1/launches', { params: { query: { job, state, since, until, limit: portionSize, after } } }),
    )
  },
  endOf: l => endOf(l.ended_at),
  keyOf: l => l.id,
})

const endOf = (time: string | null | undefined) => (time ? Date.parse(time) : undefined)

/** A history since a time; loads what is new when its key becomes stale. */
function useHistory<T>(key: QueryKey, source: Source<T>, since: number, enabled: boolean) {
  const client = useQueryClient()
  const queryKey = [...key, since]
  const query = useQuery({
    queryKey,
    enabled,
    placeholderData: keepPreviousData,
    queryFn: () => {
      const before = client.getQueryData<Loaded<T>>(queryKey)
      return readHistory(source, since, Math.max(mostAtOnce, before?.items.length ?? 0), Date.now(), before)
    },
  })
  const [reading, setReading] = useState(false)
  const readMore = async () => {
    const loaded = client.getQueryData<Loaded<T>>(queryKey)
    if (!loaded) return
    setReading(true)
    const more = await attempt('load more', () => readOn(source, since, loaded, loaded.items.length + mostAtOnce))
    if (more) client.setQueryData(queryKey, more)
    setReading(false)
  }
  return { ...query, readMore, reading }
}

/** The jobs that match a search; undefined without one. They rarely change. */
function useNames(search: string | undefined) {
  return useQuery({
    queryKey: ['timeline', 'names', search],
    enabled: search !== undefined,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await fetchJobs({ search, end: 1000 }, signal)).items.map(job => job.name),
  })
}

/**
 * The due times in the window. A new launch does not change them, so they are polled instead of reloaded after every
 * launch; large answers less often.
 */
function useDue(window: View, now: number, search: string | undefined, enabled: boolean) {
  const client = useQueryClient()
  const filter = {
    from: window.from > now ? new Date(window.from).toISOString() : undefined,
    until: new Date(window.to).toISOString(),
    limit: mostDue,
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

/** The past of the view by job: summed up by the server, so that all of it is shown. */
function usePastByJob(asked: Asked, window: View, search: string | undefined, enabled: boolean) {
  return useQuery({
    ...launchJobsQuery({
      from: new Date(window.from).toISOString(),
      until: asked.until ?? new Date(window.to).toISOString(),
      state: asked.failed && [...badStates],
      search,
      limit: mostDue,
    }),
    enabled,
  })
}

/** The past of the view by node, which only executions know: loaded by the page, up to a limit. */
function usePastByNode(search: TimelineSearch, window: View, until: string | undefined, enabled: boolean) {
  const names = useNames(enabled ? search.search : undefined)
  const job = names.data && search.search && names.data.length <= mostNamed ? names.data : undefined
  const nothing = enabled && search.search !== undefined && names.data?.length === 0
  const ready = enabled && (search.search === undefined || (names.data !== undefined && !nothing))
  const asked: Asked = { job, node: search.node, failed: search.failed, until }
  const executions = useHistory([...executionKeys.lists, 'timeline', asked], executionsOf(asked), window.from, ready)
  const launches = useHistory(
    [...launchKeys.lists, 'timeline', asked],
    launchesOf(asked),
    window.from,
    ready && !search.node,
  )
  const entries = useMemo(() => {
    if (nothing) return []
    const named = search.search && names.data ? new Set(names.data) : undefined
    const past: Entry[] = [
      ...(executions.data?.items.map(ofExecution) ?? []),
      ...(search.node ? [] : (launches.data?.items.map(ofLaunch) ?? [])),
    ]
    return past.filter(e => (!named || named.has(e.job)) && (!search.failed || isBad(e)))
  }, [executions.data, launches.data, names.data, nothing, search.node, search.failed, search.search])
  const oldest = executions.data?.items.at(-1)
  return {
    entries,
    known: nothing || executions.data !== undefined,
    error: executions.error ?? launches.error ?? names.error,
    readFrom: executions.data?.next && oldest ? endOf(oldest.finished_at) : undefined,
    refetch: executions.refetch,
    /** Loads older executions. */
    readMore: executions.data?.next ? executions.readMore : undefined,
    reading: executions.reading,
  }
}

/** Past and coming entries of a view, and how much of it is loaded. */
export function useEntries(search: TimelineSearch, view: View, now: number) {
  const window = windowOf(view)
  const byNode = search.by === 'node' || search.node !== undefined
  // For a view of the past, skip what ended long after it: otherwise everything since would be loaded.
  const isPast = window.to < now
  const until = isPast ? new Date(window.to + Math.max(spanOf(window), hour)).toISOString() : undefined
  const ofNodes = usePastByNode(search, window, until, byNode)
  const hasPast = window.from < now
  const ofJobs = usePastByJob({ failed: search.failed, until }, window, search.search, !byNode && hasPast)
  const due = useDue(window, now, search.search, !search.failed)

  const jobs = hasPast ? ofJobs.data : undefined
  const past = useMemo(() => jobs?.jobs.flatMap(ofLaunchJob) ?? [], [jobs])
  const entries = useMemo(() => {
    const coming = search.failed || !due.data ? [] : entriesOf(due.data, byNode)
    return [...(byNode ? ofNodes.entries : past), ...coming].filter(e => !search.node || e.node === search.node)
  }, [byNode, ofNodes.entries, past, due.data, search.node, search.failed])

  const history = byNode
    ? ofNodes
    : {
        known: !hasPast || jobs !== undefined,
        error: ofJobs.error,
        readFrom: jobs?.truncated ? endOf(jobs.complete_from) : undefined,
        refetch: ofJobs.refetch,
        readMore: undefined,
        reading: false,
      }
  return {
    entries,
    error: history.error ?? due.error,
    refetch: history.refetch,
    /** Whether there was an answer yet. */
    known: history.known,
    /** What ended before this is not shown, since there is too much. */
    readFrom: history.readFrom,
    readMore: history.readMore,
    reading: history.reading,
    due: due.data,
    /** What the server has summed up of the past. */
    summed: byNode ? undefined : jobs,
    past: isPast,
  }
}
