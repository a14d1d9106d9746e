import { useCallback, useMemo, useState } from 'react'
import type { Job } from '@/api/jobs'

/** The selected jobs: some, by name, or all that match. */
export interface Selection {
  all: boolean
  jobs: ReadonlyMap<string, Job>
}

const nothing: Selection = { all: false, jobs: new Map() }

export interface Selecting {
  selection: Selection
  has: (name: string) => boolean
  /** How many are selected if `total` match. */
  count: (total: number) => number
  set: (jobs: readonly Job[], on: boolean) => void
  chooseAll: () => void
  clear: () => void
}

/** The selection in a list. It is cleared when another list, named by `of`, is shown. `page` is the visible page. */
export function useSelection(of: string, page: readonly Job[]): Selecting {
  const [state, setState] = useState({ of, selection: nothing })
  const selection = state.of === of ? state.selection : nothing

  const set = useCallback(
    (jobs: readonly Job[], on: boolean) =>
      setState(before => {
        const old = before.of === of ? before.selection : nothing
        const chosen = new Map(old.all ? page.map(job => [job.name, job]) : old.jobs)
        for (const job of jobs) {
          if (on) chosen.set(job.name, job)
          else chosen.delete(job.name)
        }
        return { of, selection: { all: false, jobs: chosen } }
      }),
    [of, page],
  )
  return useMemo(
    () => ({
      selection,
      has: name => selection.all || selection.jobs.has(name),
      count: total => (selection.all ? total : selection.jobs.size),
      set,
      chooseAll: () => setState({ of, selection: { all: true, jobs: new Map() } }),
      clear: () => setState({ of, selection: nothing }),
    }),
    [of, selection, set],
  )
}
