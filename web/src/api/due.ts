import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, type Schemas } from './client'

export type DueJobs = Schemas['DueJobs']
/** A job with the times at which it is due, frequent ones as bands. */
export type DueJob = DueJobs['jobs'][number]
/** The nodes of a job. */
export type DueTargets = DueJobs['targets'][number]

interface DueFilter {
  from?: string
  until?: string
  /** How many single due times and bands at most, up to 50,000. */
  limit?: number
  search?: string
}

/** Due times by job in a future window. */
export const dueJobsQuery = ({ search, ...window }: DueFilter) =>
  queryOptions({
    queryKey: ['due', 'jobs', window, search],
    queryFn: ({ signal }) =>
      body(api.GET('/v1/due/jobs', { signal, params: { query: { ...window, _search: search } } })),
    placeholderData: keepPreviousData,
  })

/** The number of due jobs in each minute of the coming hours. */
export const dueMinutesQuery = (hours = 24, search?: string) =>
  queryOptions({
    queryKey: ['due', 'minutes', hours, search],
    queryFn: ({ signal }) =>
      body(api.GET('/v1/due/minutes', { signal, params: { query: { hours, _search: search } } })),
    staleTime: 60_000,
  })
