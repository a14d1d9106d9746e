import type { Job } from '@/api/jobs'

/** What an action on many needs of each job. */
export type Chosen = Readonly<Pick<Job, 'name' | 'disabled' | 'dependent_jobs' | 'confirm' | 'executor'>>

/**
 * Jobs in groups such that no child is in a later group than its parent: in this order they can be deleted, a group at
 * a time.
 */
export function childrenFirst(jobs: readonly Chosen[]): Chosen[][] {
  const byName = new Map(jobs.map(job => [job.name, job]))
  const heights = new Map<string, number>()
  const heightOf = (job: Chosen, above: ReadonlySet<string>): number => {
    const known = heights.get(job.name)
    if (known !== undefined) return known
    const path = new Set(above).add(job.name)
    let height = 0
    for (const name of job.dependent_jobs ?? []) {
      const child = byName.get(name)
      if (child && !path.has(name)) height = Math.max(height, heightOf(child, path) + 1)
    }
    heights.set(job.name, height)
    return height
  }
  const groups: Chosen[][] = []
  for (const job of jobs) (groups[heightOf(job, new Set())] ??= []).push(job)
  return groups.filter(Boolean)
}
