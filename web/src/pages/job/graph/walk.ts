import type { QueryClient } from '@tanstack/react-query'
import { jobQuery, type Job } from '@/api/jobs'
import { parentsOf } from '../words'
import type { Related } from './related'

const most = 200

/** Finds related jobs one by one, for servers that have no route for it. */
export async function walk(client: QueryClient, start: string): Promise<Related> {
  const found = new Map<string, Job>()
  let next = [start]
  while (next.length && found.size < most) {
    const read = next.slice(0, most - found.size).map(name => client.fetchQuery({ ...jobQuery(name), staleTime: 2000 }))
    const jobs = (await Promise.allSettled(read)).flatMap(r => (r.status === 'fulfilled' ? [r.value] : []))
    for (const job of jobs) found.set(job.name, job)
    const names = jobs.flatMap(job =>
      parentsOf(job)
        .map(p => p.job)
        .concat(job.dependent_jobs ?? []),
    )
    next = [...new Set(names)].filter(name => !found.has(name))
  }
  return { jobs: [...found.values()], total: found.size }
}
