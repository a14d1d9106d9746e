import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, portion, slice, type Schemas } from './client'
import { paced, pauseOf } from './paced'

export type Launch = Schemas['Launch']
export type LaunchState = Schemas['LaunchState']
export type Cause = Schemas['Cause']

export const launchKeys = {
  lists: ['launches'] as const,
  of: (id: string) => ['launch', id] as const,
}

export interface LaunchFilter {
  job?: string[]
  cause?: Cause[]
  state?: LaunchState[]
  since?: string
  until?: string
  /** Those that this rerun has made. */
  rerun?: number
}

/** All states, from the start of a launch to its ends. */
export const launchStates = [
  'waiting',
  'queued',
  'running',
  'success',
  'failed',
  'timed_out',
  'stopped',
  'lost',
  'skipped',
  'missed',
  'no_target',
] as const satisfies readonly LaunchState[]

/** All causes, frequent ones first. */
export const causes = [
  'schedule',
  'manual',
  'parent',
  'catchup',
  'create',
  'checkin',
] as const satisfies readonly Cause[]

/** States of a launch that has not ended. */
export const openStates: readonly LaunchState[] = ['waiting', 'queued', 'running']

/** Final states of a launch that ran nothing. */
export const notRunStates: readonly LaunchState[] = ['skipped', 'missed', 'no_target']

/** Final states that need attention. */
export const badStates: readonly LaunchState[] = ['failed', 'timed_out', 'lost', 'missed', 'no_target']

/** Those of them in which something ran. */
export const failedStates = ['failed', 'timed_out', 'lost'] as const satisfies readonly LaunchState[]

export const launchesQuery = (filter: LaunchFilter, limit = 50) =>
  infiniteQueryOptions({
    queryKey: [...launchKeys.lists, filter, limit],
    queryFn: ({ signal, pageParam }) =>
      portion(api.GET('/v1/launches', { signal, params: { query: { ...filter, limit, after: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next,
    placeholderData: keepPreviousData,
  })

type LaunchJobs = Schemas['LaunchJobs']
/** A job with its launches in a period: each, or as bands. */
export type LaunchJob = LaunchJobs['jobs'][number]

interface SummaryFilter extends Omit<LaunchFilter, 'since'> {
  from?: string
  search?: string
  limit?: number
  /** Only numbers, times and the latest launch. */
  sums?: true
}

/** The launches of a period, summed up by job. */
export const launchJobsQuery = ({ search, sums, ...filter }: SummaryFilter) =>
  queryOptions({
    queryKey: ['past', filter, search, sums],
    queryFn: ({ signal }) => {
      const query = { ...filter, _search: search, ...(sums && { sums: 'true' as const }) }
      return paced(() => body(api.GET('/v1/launches/jobs', { signal, params: { query } })))
    },
    placeholderData: keepPreviousData,
    refetchInterval: pauseOf,
  })

/** A launch with its executions, without output, which is streamed separately. */
export const launchQuery = (id: string) =>
  queryOptions({
    queryKey: [...launchKeys.of(id), 'detail'],
    queryFn: ({ signal }) =>
      body(api.GET('/v1/launches/{id}', { signal, params: { path: { id }, query: { output_size_limit: 0 } } })),
  })

/**
 * All kept launches of a launch's job, those that have not ended too. At most a few hundred. They are loaded anew when the launch
 * changes, not at each event: a busy job would have them loaded all the time.
 */
export const launchesOfQuery = ({ job, id, state }: Launch) =>
  queryOptions({
    queryKey: ['neighbours', job, id, state],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      slice(api.GET('/v1/jobs/{job}/launches', { signal, params: { path: { job }, query: { _end: 1000 } } })),
    retry: false,
  })

export const stopLaunch = (id: string, reason?: string) =>
  body(api.POST('/v1/launches/{id}/stop', { params: { path: { id }, query: { reason } } }))

export type LaunchRequest = Schemas['LaunchRequest']

/** Runs a job with another environment or payload. */
export const launchJob = (job: string, request: LaunchRequest) =>
  body(api.POST('/v1/jobs/{job}/launches', { params: { path: { job } }, body: request }))

/** Runs an ended launch again. */
export const rerunLaunch = (id: string, with_children?: boolean) =>
  body(
    api.POST('/v1/launches/{id}/rerun', {
      params: { path: { id }, query: with_children ? { with_children: 'true' } : {} },
    }),
  )

/** The latest of a job’s launches that had an environment or a payload of its own. */
export const lastChangedQuery = (job: string) =>
  queryOptions({
    queryKey: [...launchKeys.lists, 'changed', job],
    queryFn: async ({ signal }) => {
      const list = await body(api.GET('/v1/jobs/{job}/launches', { signal, params: { path: { job } } }))
      const last = list.find(launch => launch.changed?.length)
      return last ? body(api.GET('/v1/launches/{id}', { signal, params: { path: { id: last.id } } })) : null
    },
  })

/** The name of the job that a launch's id `<job>.<group>` begins with. */
export const jobOf = (launchId: string) => launchId.slice(0, Math.max(0, launchId.lastIndexOf('.')))
