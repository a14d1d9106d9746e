import { queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'
import type { Cause, LaunchFilter } from './launches'

export type Selection = Schemas['Selection']
type Rerun = Schemas['Rerun']
type Ended = 'success' | 'failed' | 'timed_out' | 'stopped' | 'lost' | 'skipped' | 'missed' | 'no_target'
type Open = 'queued' | 'waiting' | 'running'

/** The launches that a bulk request is about. */
export interface Bulk<State> extends Omit<LaunchFilter, 'state' | 'cause'> {
  state: State[]
  cause?: Cause[]
}

/** What a count is given to be sure that what is done is what was counted. */
type Counted = Pick<Selection, 'count' | 'until'>

export const countReruns = async (filter: Bulk<Ended>) =>
  (await body(api.POST('/v1/launches/rerun', { params: { query: { ...filter, dry_run: 'true' } } }))) as Selection

export const rerunLaunches = async (filter: Bulk<Ended>, { count, until }: Counted, with_children: boolean) =>
  (await body(
    api.POST('/v1/launches/rerun', {
      params: { query: { ...filter, until, count, ...(with_children && { with_children: 'true' }) } },
    }),
  )) as Rerun

export const countStops = async (filter: Bulk<Open>) =>
  (await body(api.POST('/v1/launches/stop', { params: { query: { ...filter, dry_run: 'true' } } }))) as Selection

/** Without the count: what has ended meanwhile need not be stopped. */
export const stopLaunches = async (filter: Bulk<Open>, { until }: Counted, reason?: string) =>
  (await body(api.POST('/v1/launches/stop', { params: { query: { ...filter, until, reason } } }))) as {
    stopped: number
  }

export const rerunQuery = (number: number) =>
  queryOptions({
    queryKey: ['launches', 'rerun', number],
    queryFn: ({ signal }) => body(api.GET('/v1/reruns/{number}', { signal, params: { path: { number } } })),
    refetchInterval: query => (query.state.data?.state === 'running' ? 1000 : false),
  })

export const stopRerun = (number: number, reason?: string) =>
  body(api.POST('/v1/reruns/{number}/stop', { params: { path: { number }, query: { reason } } }))
