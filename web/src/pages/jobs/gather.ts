import { fetchJobs, type Job, type JobFilter } from '@/api/jobs'

const portion = 2000 // jobs in one request

/** Loads all matching jobs in parts; `keep` picks what to keep of each. */
export async function gather<T>(
  filter: JobFilter,
  keep: (job: Job) => T,
  signal: AbortSignal,
  progress: (found: number, total: number) => void,
): Promise<T[]> {
  const kept = new Map<string, T>() // by name: a job that is created meanwhile shifts the rest
  for (let start = 0; ; start += portion) {
    const { items, total } = await fetchJobs({ ...filter, sort: 'id', start, end: start + portion }, signal)
    for (const job of items) kept.set(job.name, keep(job))
    progress(kept.size, total)
    if (start + portion >= total || items.length === 0) return [...kept.values()]
  }
}
