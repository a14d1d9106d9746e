import { createContext, useContext } from 'react'
import type { JobSort } from '@/api/jobs'
import type { JobActions } from '@/ui/useJobActions'
import type { JobsSearch } from './search'
import type { Selecting } from './selection'

interface List {
  actions: JobActions
  selecting: Selecting
  sort: JobSort
  /** Whether children are unfolded below their parents. */
  tree: boolean
  /** Adds a filter. */
  narrow: (by: Pick<JobsSearch, 'owner' | 'tags'>) => void
}

/** What all rows of the list share. */
export const ListContext = createContext<List | undefined>(undefined)

export function useList(): List {
  const list = useContext(ListContext)
  if (!list) throw new Error('there is no ListContext around this')
  return list
}
