import type { Job, Parent } from '@/api/jobs'
import { timeOf } from '@/api/client'
import type { Cause, Launch } from '@/api/launches'
import type { State } from './state'
import { tookFrom } from './time'

/** What a job says of itself, as words. */

export const nameOf = (job: Pick<Job, 'name'> & { displayname?: string }) => job.displayname || job.name

/** The parents of a job; the old field is a parent whose success counts. */
export function parentsOf(job: Partial<Pick<Job, 'parents' | 'parent_job'>>): Parent[] {
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
  return scheduleOf(job).text
}

/** When a job without parents is due, in words where there are some; `raw` where it is only the schedule itself. */
export function scheduleOf(job: Partial<Pick<Job, 'schedule' | 'schedule_text'>>): { text: string; raw: boolean } {
  if (!job.schedule || job.schedule === '@manually') return { text: 'Only by hand', raw: false }
  if (job.schedule_text) return { text: job.schedule_text, raw: false }
  return { text: job.schedule, raw: true }
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

/** A tag that a job wants of its nodes. */
export interface Wanted {
  key: string
  value: string
  /** How many nodes are taken of those that have it; absent is all. */
  count?: number
}

/** `role: web:2` is two nodes whose role is web; a value may have colons itself. */
export function wantedOf({ tags }: Partial<Pick<Job, 'tags'>>): Wanted[] {
  return Object.entries(tags ?? {}).map(([key, text]) => {
    const [, value, count] = /^(.*):(\d+)$/s.exec(text) ?? []
    return value === undefined ? { key, value: text } : { key, value, count: Number(count) }
  })
}

/** Tags that are wanted, in one line: `role=web (1 of them), zone=a`. */
export const tagWords = (job: Partial<Pick<Job, 'tags'>>) =>
  wantedOf(job)
    .map(({ key, value, count }) => `${key}=${value}${count === undefined ? '' : ` (${count} of them)`}`)
    .join(', ')

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

/** How long a launch took, or has taken by now; one that ended without having run took no time. */
export function launchTook({ created_at, ended_at, nodes }: Launch, now: number): string {
  if (ended_at && !nodes) return '–'
  return tookFrom(timeOf(created_at), timeOf(ended_at), now)
}

/** A text of the server as a sentence of its own. */
export const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`)
