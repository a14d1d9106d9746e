import { keepPreviousData, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, portion } from '@/api/client'
import { dueJobsQuery, type DueJobs } from '@/api/due'
import { executionKeys, fetchExecutions, type Execution } from '@/api/executions'
import { fetchJobs } from '@/api/jobs'
import { badStates, failedStates, launchKeys, notRunStates, type Launch } from '@/api/launches'
import { attempt } from '@/ui/act'
import { isBad, ofDueJob, ofExecution, ofLaunch, type Entry } from './entry'
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

/** Past and coming entries of a view, and how much of it is loaded. */
export function useEntries(search: TimelineSearch, view: View, now: number) {
  const window = windowOf(view)
  const names = useNames(search.search)
  const job = names.data && search.search && names.data.length <= mostNamed ? names.data : undefined
  const nothing = search.search !== undefined && names.data?.length === 0
  const ready = search.search === undefined || (names.data !== undefined && !nothing)

  // For a view of the past, skip what ended long after it: otherwise everything since would be loaded.
  const isPast = window.to < now
  const until = isPast ? new Date(window.to + Math.max(spanOf(window), hour)).toISOString() : undefined
  const asked: Asked = { job, node: search.node, failed: search.failed, until }
  const executions = useHistory([...executionKeys.lists, 'timeline', asked], executionsOf(asked), window.from, ready)
  const launches = useHistory(
    [...launchKeys.lists, 'timeline', asked],
    launchesOf(asked),
    window.from,
    ready && !search.node,
  )
  const due = useDue(window, now, search.search, !search.failed)

  const byNode = search.by === 'node'
  const entries = useMemo(() => {
    if (nothing) return []
    const named = search.search && names.data ? new Set(names.data) : undefined
    const past: Entry[] = [
      ...(executions.data?.items.map(ofExecution) ?? []),
      ...(search.node ? [] : (launches.data?.items.map(ofLaunch) ?? [])),
    ].filter(e => (!named || named.has(e.job)) && (!search.failed || isBad(e)))
    const coming = search.failed || !due.data ? [] : entriesOf(due.data, byNode || !!search.node)
    return [...past, ...coming].filter(e => !search.node || e.node === search.node)
  }, [executions.data, launches.data, due.data, names.data, nothing, byNode, search.node, search.failed, search.search])

  const oldest = executions.data?.items.at(-1)
  return {
    entries,
    executions,
    error: executions.error ?? launches.error ?? due.error ?? names.error,
    /** Whether there was an answer yet. */
    known: nothing || executions.data !== undefined,
    /** What ended before this is not loaded, since there is too much. */
    readFrom: executions.data?.next && oldest ? endOf(oldest.finished_at) : undefined,
    due: due.data,
    past: isPast,
  }
}
