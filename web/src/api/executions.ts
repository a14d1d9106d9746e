import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, portion, slice, urlOf, type Schemas } from './client'
import { jobKeys } from './jobs'
import { paced, pauseOf } from './paced'

export type Execution = Schemas['Execution']
type Outcome = Schemas['Outcome']
export type ExecutionStatus = 'running' | Outcome

const executionKeys = { lists: ['executions'] as const }

interface ExecutionFilter {
  job?: string[]
  node?: string
  status?: ExecutionStatus[]
  since?: string
  until?: string
}

/** The outcome of an execution, or running. */
export const statusOf = (e: Execution): ExecutionStatus => e.outcome ?? 'running'

export const executionsQuery = (filter: ExecutionFilter, limit = 100) =>
  infiniteQueryOptions({
    queryKey: [...executionKeys.lists, filter, limit],
    queryFn: ({ signal, pageParam }) => fetchExecutions(filter, limit, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next,
    placeholderData: keepPreviousData,
  })

/** One page of executions, without their output. */
const fetchExecutions = (filter: ExecutionFilter, limit: number, after?: string, signal?: AbortSignal) =>
  portion(api.GET('/v1/executions', { signal, params: { query: { ...filter, limit, after, output_size_limit: 0 } } }))

type ExecutionNodes = Schemas['ExecutionNodes']
/** A node with its executions in a period: each, or as bands. */
export type ExecutionNode = ExecutionNodes['nodes'][number]

interface NodesFilter {
  from: string
  until: string
  node?: string[]
  state?: ExecutionStatus[]
  search?: string
  limit?: number
}

/** The executions of a period, summed up by node. */
export const executionNodesQuery = ({ search, ...filter }: NodesFilter) =>
  queryOptions({
    queryKey: ['past', 'nodes', filter, search],
    queryFn: ({ signal }) =>
      paced(() => body(api.GET('/v1/executions/nodes', { signal, params: { query: { ...filter, _search: search } } }))),
    placeholderData: keepPreviousData,
    refetchInterval: pauseOf,
  })

/** Running executions, newest start first, up to a thousand; `next` is set if there are more. */
export const runningQuery = queryOptions({
  queryKey: [...executionKeys.lists, 'running'],
  queryFn: ({ signal }) => fetchExecutions({ status: ['running'] }, 1000, undefined, signal),
})

/** The kept executions of a job, or the newest of them, newest first, without output. */
export const jobExecutionsQuery = (job: string, most?: number) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'executions', most ?? 'all'],
    queryFn: ({ signal }) =>
      slice(
        api.GET('/v1/jobs/{job}/executions', {
          signal,
          params: { path: { job }, query: { _sort: 'started_at', _order: 'DESC', _end: most, output_size_limit: 0 } },
        }),
      ),
  })

export const stopExecution = (job: string, id: string, reason?: string) =>
  body(api.POST('/v1/jobs/{job}/executions/{id}/stop', { params: { path: { job, id }, query: { reason } } }))

/** The address of an execution's output, as text or, with EventSource, as a live stream. */
export const outputURL = (job: string, id: string) =>
  urlOf(`v1/jobs/${encodeURIComponent(job)}/executions/${encodeURIComponent(id)}/output`)
