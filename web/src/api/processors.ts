import { queryOptions } from '@tanstack/react-query'
import { api, slice, type Schemas } from './client'
import { jobKeys } from './jobs'

/** Deliveries of a job's outputs to one of its processors. */
export type JobProcessor = Schemas['JobProcessor']

/** The processors of a job, in the order in which they are called. No event tells of a delivery, so they are polled. */
export const jobProcessorsQuery = (job: string) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'processors'],
    queryFn: ({ signal }) => slice(api.GET('/v1/jobs/{job}/processors', { signal, params: { path: { job } } })),
    refetchInterval: query => (query.state.data?.items.some(p => p.pending > 0) ? 2000 : 10_000),
  })
