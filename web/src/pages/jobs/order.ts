import type { JobSort } from '@/api/jobs'
import type { JobsSearch } from './search'

/** The label of each order, and whether the first click sorts descending. */
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
  health: { label: 'State' },
}

/** The orders by what a column of its own always shows. While sorted by another, the list gets a column for that. */
const shown: ReadonlySet<JobSort> = new Set(['id', 'health', 'schedule', 'next', 'owner'])

export const hasColumn = (sort: JobSort) => shown.has(sort)

export const sortOf = (search: JobsSearch): JobSort => search.sort ?? 'id'

/** The change when an order is chosen: its first direction, or the opposite if it is chosen again. */
export function sortedBy(sort: JobSort, search: JobsSearch): JobsSearch {
  const again = sortOf(search) === sort
  const descending = again ? search.order !== 'desc' : orders[sort].largestFirst
  return { sort: sort === 'id' ? undefined : sort, order: descending ? 'desc' : undefined }
}
