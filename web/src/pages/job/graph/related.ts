import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, slice, type Slice } from '@/api/client'
import { jobKeys, type Job } from '@/api/jobs'

/** The jobs, nearest first, and the total number if the list is cut. */
export type Related = Slice<Job>

const key = [...jobKeys.lists, 'related']

/** All jobs linked to a job by parents and children. Any job may change it, so its key is that of lists. */
export const relatedQuery = (job: string) =>
  queryOptions({
    queryKey: [...key, job],
    queryFn: ({ signal }): Promise<Related> =>
      slice(api.GET('/v1/jobs/{job}/related', { signal, params: { path: { job } } })),
  })

/** The result for a linked job, which has the same jobs: shown until this job's own is loaded. */
export const knownRelated = (client: QueryClient, job: string) =>
  client.getQueriesData<Related>({ queryKey: key }).find(([, related]) => related?.items.some(j => j.name === job))?.[1]
