import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, slice, type Slice } from '@/api/client'
import { jobKeys, type Job } from '@/api/jobs'

/** The jobs, nearest first, and how many there are if not all are told. */
export type Related = Slice<Job>

const key = [...jobKeys.lists, 'related']

/** All jobs that hang together with a job by parents and children. Any of them may change it, so its key is that of lists. */
export const relatedQuery = (job: string) =>
  queryOptions({
    queryKey: [...key, job],
    queryFn: ({ signal }): Promise<Related> =>
      slice(api.GET('/v1/jobs/{job}/related', { signal, params: { path: { job } } })),
  })

/** What was read for a relative, which is the same jobs: shown until it is read for this one. */
export const knownRelated = (client: QueryClient, job: string) =>
  client.getQueriesData<Related>({ queryKey: key }).find(([, related]) => related?.items.some(j => j.name === job))?.[1]
