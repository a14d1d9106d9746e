import type { JobFilter } from '@/api/jobs'
import { lookOf, type Tone } from '@/ui/state'
import { sameSearch } from '@/ui/views/views'
import { jobsSearch, type JobsSearch } from './search'

type Part = Pick<JobFilter, 'health' | 'running' | 'status'>

/** A view that everybody needs: what it asks of a job's state; other filters stay. */
export interface QuickView {
  label: string
  filter: Part
  /** Of the number, if it is not zero. */
  tone?: Tone
}

const nothing: Part = { health: undefined, running: undefined, status: undefined }

export const quickViews: readonly QuickView[] = [
  { label: 'All', filter: nothing },
  { label: 'Failing', filter: { ...nothing, health: ['failing'] }, tone: lookOf('failing').tone },
  { label: 'Running', filter: { ...nothing, running: true }, tone: lookOf('running').tone },
  { label: 'Late', filter: { ...nothing, health: ['late'] }, tone: lookOf('late').tone },
  { label: 'Did not run', filter: { ...nothing, health: ['did_not_run'] }, tone: lookOf('did_not_run').tone },
  { label: 'Never ran', filter: { ...nothing, status: 'untriggered' } },
]

/** The quick view that a search is of, whatever its other filters. */
export const quickOf = ({ health, running, status }: JobsSearch): QuickView | undefined =>
  quickViews.find(view => sameSearch(view.filter, { health, running, status }))

/** What of a search a view keeps: all but the page, without what is not set. */
export const viewOf = (search: JobsSearch): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(jobsSearch({ ...search })).filter(([key, value]) => value !== undefined && key !== 'page'),
  )
