import type { Job, Parent } from '@/api/jobs'

/** A parent with what follows its name in a sentence. */
export interface After {
  /** What stands before it: `After`, `,`, `and`. */
  before: string
  job: string
  /** How it has to end, if that is not success. */
  how: string
}

const hows: Record<NonNullable<Parent['on']>, string> = {
  '': '',
  success: '',
  failure: 'if it fails',
  always: 'however it ends',
}

/** The parents of a job, however it names them. */
export function parentsOf(job: Partial<Pick<Job, 'parents' | 'parent_job'>>): Parent[] {
  const parents = job.parents ?? []
  if (!job.parent_job || parents.some(p => p.job === job.parent_job)) return parents
  return [{ job: job.parent_job }, ...parents]
}

/** `After extract, transform and load (if it fails)`, in pieces, so that each name can be a link. */
export function afterOf(job: Partial<Pick<Job, 'parents' | 'parent_job' | 'parents_join'>>): After[] {
  const parents = parentsOf(job)
  const last = job.parents_join === 'any' ? ' or ' : ' and '
  return parents.map((parent, i) => ({
    before: i === 0 ? 'After ' : i === parents.length - 1 ? last : ', ',
    job: parent.job,
    how: hows[parent.on ?? ''],
  }))
}

/** When a job without parents is due, in words where there are some; `raw` where it is only the schedule itself. */
export function scheduleOf(job: Partial<Pick<Job, 'schedule' | 'schedule_text'>>): { text: string; raw: boolean } {
  if (job.schedule_text) return { text: job.schedule_text, raw: false }
  if (!job.schedule || job.schedule === '@manually') return { text: 'Only by hand', raw: false }
  return { text: job.schedule, raw: true }
}

/** The later of two times of the API. */
export function later(a: string | null | undefined, b: string | null | undefined): string | undefined {
  if (!a || !b) return a || b || undefined
  return new Date(a) > new Date(b) ? a : b
}
