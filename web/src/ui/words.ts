import type { Job, Parent } from '@/api/jobs'
import type { Cause } from '@/api/launches'
import type { State } from './state'

/** What a job says of itself, as words. */

export const nameOf = (job: Pick<Job, 'name'> & { displayname?: string }) => job.displayname || job.name

/** The parents of a job; the old field is a parent whose success counts. */
export function parentsOf(job: Job): Parent[] {
  const parents = job.parents ?? []
  if (!job.parent_job || parents.some(p => p.job === job.parent_job)) return parents
  return [{ job: job.parent_job, on: 'success' }, ...parents]
}

const ends = { '': 'success', success: 'success', failure: 'failure', always: 'always' } as const

/** How a parent's launch has to end. */
export const endOf = (parent: Parent) => ends[parent.on ?? '']

const verbs = {
  success: { one: 'succeeds', many: 'succeed' },
  failure: { one: 'fails', many: 'fail' },
  always: { one: 'ends', many: 'end' },
}

/** When a job fires: `After extract and transform succeed`. */
export function scheduleWords(job: Job): string {
  const parents = parentsOf(job)
  if (parents.length) return after(parents, job.parents_join === 'any' ? 'or' : 'and')
  if (job.schedule === '@manually') return 'Only by hand'
  return job.schedule_text || job.schedule || 'No schedule'
}

/** `After a and b succeed, or c fails`: parents that have to end alike are named together. */
function after(parents: Parent[], join: 'and' | 'or'): string {
  const kinds = Object.keys(verbs) as (keyof typeof verbs)[]
  const parts = kinds.flatMap(kind => {
    const names = parents.filter(p => endOf(p) === kind).map(p => p.job)
    if (!names.length) return []
    const verb = names.length > 1 && join === 'and' ? verbs[kind].many : verbs[kind].one
    return [`${listed(names, join)} ${verb}`]
  })
  return `After ${parts.join(`, ${join} `)}`
}

function listed(names: string[], join: string): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} ${join} ${names.at(-1)}`
}

/** How a job stands: what it does now, or what its last launch came to. */
export function stateOf(job: Job): State {
  if (job.running > 0) return 'running'
  if (job.queued > 0) return 'queued'
  return job.status
}

const causes: Record<Cause, string> = {
  schedule: 'schedule',
  manual: 'run by hand',
  parent: 'after a parent',
  catchup: 'catch-up',
  create: 'on creation',
}

/** Why a launch came to be. */
export const causeWords = (cause: Cause) => causes[cause]
