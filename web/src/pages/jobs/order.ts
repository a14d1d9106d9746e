import type { JobSort } from '@/api/jobs'
import type { JobsSearch } from './search'

/** The words for each order, and whether its first click shows the largest first: the latest, the most. */
export const orders: Record<JobSort, { label: string; largestFirst?: boolean }> = {
  id: { label: 'Name' },
  displayname: { label: 'Display name' },
  schedule: { label: 'Schedule' },
  next: { label: 'Next run' },
  last_success: { label: 'Last success', largestFirst: true },
  last_error: { label: 'Last failure', largestFirst: true },
  success_count: { label: 'Successes', largestFirst: true },
  error_count: { label: 'Failures', largestFirst: true },
  owner: { label: 'Owner' },
  executor: { label: 'Executor' },
  updated_at: { label: 'Last change', largestFirst: true },
}

export const sortOf = (search: JobsSearch): JobSort => search.sort ?? 'id'

/** What choosing an order changes: its own first direction, or the other one if it is chosen again. */
export function sortedBy(sort: JobSort, search: JobsSearch): JobsSearch {
  const again = sortOf(search) === sort
  const descending = again ? search.order !== 'desc' : orders[sort].largestFirst
  return { sort: sort === 'id' ? undefined : sort, order: descending ? 'desc' : undefined }
}
