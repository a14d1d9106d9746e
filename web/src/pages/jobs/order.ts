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
}

/** The orders that the column of the last run can show. */
export const lastRuns: readonly JobSort[] = ['last_success', 'last_error']

/** The orders that the column of successes can show. */
export const counts: readonly JobSort[] = ['success_count', 'error_count']

export const sortOf = (search: JobsSearch): JobSort => search.sort ?? 'id'

/** The change when an order is chosen: its first direction, or the opposite if it is chosen again. */
export function sortedBy(sort: JobSort, search: JobsSearch): JobsSearch {
  const again = sortOf(search) === sort
  const descending = again ? search.order !== 'desc' : orders[sort].largestFirst
  return { sort: sort === 'id' ? undefined : sort, order: descending ? 'desc' : undefined }
}
