import type { Job } from '@/api/jobs'
import { endOf, parentsOf } from '@/ui/words'

/** A parent with the words around its name. */
export interface After {
  /** The words before it: `After`, `,`, `and`. */
  before: string
  job: string
  /** How it has to end, if not with success. */
  how: string
}

const hows = { success: '', failure: 'if it fails', always: 'however it ends' }

/** `After extract, transform and load (if it fails)`, in pieces, so that each name can be a link. */
export function afterOf(job: Partial<Pick<Job, 'parents' | 'parent_job' | 'parents_join'>>): After[] {
  const parents = parentsOf(job)
  const last = job.parents_join === 'any' ? ' or ' : ' and '
  return parents.map((parent, i) => ({
    before: i === 0 ? 'After ' : i === parents.length - 1 ? last : ', ',
    job: parent.job,
    how: hows[endOf(parent)],
  }))
}

/** The later of two times of the API. */
export function later(a: string | null | undefined, b: string | null | undefined): string | undefined {
  if (!a || !b) return a || b || undefined
  return new Date(a) > new Date(b) ? a : b
}
