import { createContext, useContext } from 'react'
import type { JobSort } from '@/api/jobs'
import type { JobActions } from '@/ui/useJobActions'
import type { JobsSearch } from './search'
import type { Selecting } from './selection'

interface List {
  actions: JobActions
  selecting: Selecting
  sort: JobSort
  /** Whether what a job launches is unfolded below it. */
  tree: boolean
  /** Shows only those that have this, too. */
  narrow: (by: Pick<JobsSearch, 'owner' | 'tags'>) => void
}

/** What the rows of the list share, at whatever depth. */
export const ListContext = createContext<List | undefined>(undefined)

export function useList(): List {
  const list = useContext(ListContext)
  if (!list) throw new Error('a row stands outside the list')
  return list
}
