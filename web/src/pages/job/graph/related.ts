import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api } from '@/api/client'
import { ApiError } from '@/api/error'
import { jobKeys, type Job } from '@/api/jobs'
import { walk } from './walk'

export interface Related {
  jobs: Job[]
  /** How many there are, if not all are told. */
  total: number
}

const key = [...jobKeys.lists, 'related']

/** All jobs that hang together with a job by parents and children. Any of them may change it, so its key is that of lists. */
export const relatedQuery = (job: string) =>
  queryOptions({
    queryKey: [...key, job],
    queryFn: async ({ signal, client }): Promise<Related> => {
      try {
        return await fetchRelated(job, signal)
      } catch (error) {
        if (error instanceof ApiError && error.status === 404 && error.message === '404 page not found')
          return walk(client, job)
        throw error
      }
    },
  })

async function fetchRelated(job: string, signal: AbortSignal): Promise<Related> {
  const path = '/v1/jobs/{job}/related' as '/v1/jobs/{job}/launches'
  const { data, response } = await api.GET(path, { signal, params: { path: { job } } })
  const jobs = data as unknown as Job[]
  return { jobs, total: Number(response.headers.get('X-Total-Count') ?? jobs.length) }
}

/** What was read for a relative, which is the same jobs: shown until it is read for this one. */
export const knownRelated = (client: QueryClient, job: string) =>
  client.getQueriesData<Related>({ queryKey: key }).find(([, related]) => related?.jobs.some(j => j.name === job))?.[1]
