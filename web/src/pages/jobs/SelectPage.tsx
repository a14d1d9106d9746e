import type { Job } from '@/api/jobs'
import { useList } from './list'
import { Tick } from './Tick'

/** Selects all jobs of the page, or none. */
export function SelectPage({ jobs }: { jobs: readonly Job[] }) {
  const { selecting } = useList()
  const chosen = jobs.filter(job => selecting.has(job.name)).length
  const all = chosen === jobs.length && jobs.length > 0
  return (
    <Tick
      label="Select all jobs on this page"
      checked={all}
      partly={chosen > 0 && !all}
      onChange={() => selecting.set(jobs, !all)}
    />
  )
}
