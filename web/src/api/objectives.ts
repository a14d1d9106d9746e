import { queryOptions } from '@tanstack/react-query'
import { api, slice, type Schemas } from './client'
import { jobKeys } from './jobs'

/** How one objective of a job stands. */
export type Objective = Schemas['Objective']

/** It is judged by the time too, of which no event tells, so it is polled. */
const refetchInterval = 10_000

/** The objectives of a job, worst first. */
export const jobObjectivesQuery = (job: string) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'objectives'],
    queryFn: ({ signal }) => slice(api.GET('/v1/objectives', { signal, params: { query: { job: [job] } } })),
    refetchInterval,
  })

/** The objectives that are broken or at risk, worst first. */
export const endangeredQuery = (end: number) =>
  queryOptions({
    queryKey: [...jobKeys.lists, 'objectives', end],
    queryFn: ({ signal }) =>
      slice(api.GET('/v1/objectives', { signal, params: { query: { state: ['broken', 'at_risk'], _end: end } } })),
    refetchInterval,
  })
