import type { Job, Parent } from '@/api/jobs'
import { timeOf } from '@/api/client'
import type { Cause, Launch } from '@/api/launches'
import { restOf, troubleOf } from './health'
import type { State } from './state'
import { counted } from './size'
import { tookFrom } from './time'

/** A job's fields in words. */

export const nameOf = (job: Pick<Job, 'name'> & { displayname?: string }) => job.displayname || job.name

/** The same for a record about a job. */
export const jobNameOf = (about: { job: string; displayname?: string }) => about.displayname || about.job

/** The parents of a job; the old field means a parent that has to succeed. */
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

/** When a job runs: `After extract and transform succeed`. */
export function scheduleWords(job: Job): string {
  const parents = parentsOf(job)
  if (parents.length) return after(parents, job.parents_join === 'any' ? 'or' : 'and')
  return scheduleOf(job).text
}

/** When a job without parents is due, in words if there are some; `raw` if the text is the schedule itself. */
export function scheduleOf(job: Partial<Pick<Job, 'schedule' | 'schedule_text'>>): { text: string; raw: boolean } {
  if (!job.schedule || job.schedule === '@manually') return { text: 'Manual only', raw: false }
  if (job.schedule_text) return { text: shortWords(job.schedule_text), raw: false }
  return { text: job.schedule, raw: true }
}

/** The zone of a job's schedule, unless its words have it or there is nothing that it would change. */
export const zoneOf = ({ timezone, schedule }: Pick<Job, 'timezone' | 'schedule'>, words: string) =>
  !timezone || !schedule || /^@(manually|every)/.test(schedule) || words.includes(timezone) ? '' : timezone

/** The server's words for a schedule, without what an interval counts from: `Every minute`. */
export const shortWords = (text: string) =>
  text.replace(" from the job's creation", '').replace(/^Every 1 (second|minute|hour)$/, 'Every $1')

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

/** A tag that a job's nodes must have. */
export interface Wanted {
  key: string
  value: string
  /** How many of the matching nodes to use; absent means all. */
  count?: number
}

/** `role: web:2` is two nodes whose role is web; a value may have colons itself. */
export function wantedOf({ tags }: Partial<Pick<Job, 'tags'>>): Wanted[] {
  return Object.entries(tags ?? {}).map(([key, text]) => {
    const [, value, count] = /^(.*):(\d+)$/s.exec(text) ?? []
    return value === undefined ? { key, value: text } : { key, value, count: Number(count) }
  })
}

/** A job's tags in one line: `role=web (1 node), zone=a`. */
export const tagWords = (job: Partial<Pick<Job, 'tags'>>) =>
  wantedOf(job)
    .map(({ key, value, count }) => `${key}=${value}${count === undefined ? '' : ` (${counted(count, 'node')})`}`)
    .join(', ')

/** How many launches of a job run, wait for a node, and are queued. The API counts those that wait among the running. */
export function openOf({ running, queued, recent_launches: recent = [] }: Job) {
  const waiting = Math.min(running, recent.filter(launch => launch.state === 'waiting').length)
  return { running: running - waiting, waiting, queued }
}

/** A job's state: what is wrong with it, what it does now, or how its last launch ended. */
export function stateOf(job: Job): State {
  const wrong = troubleOf(job)
  if (wrong === 'did_not_run' && job.last_launch?.state === 'lost') return 'lost' // it ran, and how it ended is unknown
  if (wrong) return wrong
  const open = openOf(job)
  if (open.running) return 'running'
  if (open.waiting) return 'waiting'
  if (open.queued) return 'queued'
  return restOf(job)
}

/** How a job's executions ended. Those that a person or a policy stopped count as neither success nor failure. */
export function endsOf(job: Pick<Job, 'success_count' | 'error_count' | 'stopped_count'>) {
  const { success_count: good = 0, error_count: all = 0, stopped_count: stopped = 0 } = job
  return { good, bad: Math.max(0, all - stopped), stopped }
}

/** Whether the servers run the job, rather than somebody else who checks in. */
export const runsHere = (job: Pick<Job, 'executor'>) => job.executor !== 'checkin'

const causes: Record<Cause, string> = {
  schedule: 'schedule',
  manual: 'manual',
  parent: 'after a parent',
  catchup: 'catch-up',
  create: 'on creation',
  checkin: 'check-in',
}

/** The cause of a launch. */
export const causeWords = (cause: Cause) => causes[cause]

/** The duration of a launch, up to now if it runs, or how long it has waited; none if it ended without running. */
export function launchTook({ state, created_at, ended_at, nodes }: Launch, now: number): string {
  if (ended_at && !nodes) return '–'
  const took = tookFrom(timeOf(created_at), timeOf(ended_at), now)
  return state === 'waiting' || state === 'queued' ? `waits ${took}` : took
}

/** What the targets of a launch that did not succeed are called. A stop counts as neither success nor failure. */
export const failedWord = ({ state }: Pick<Launch, 'state'>) =>
  state === 'stopped' || state === 'lost' ? state : 'failed'

const replaced = 'replaced by the launch of '

/** A reason of the server for a person: which launch replaced another is its due time in UTC, which the page does not show. */
export function plainReason(reason: string, state?: string): string {
  // The signal is what the timeout led to, not why.
  if (state === 'timed_out' && reason.startsWith('signal: ')) return 'killed after its timeout'
  return reason.includes(replaced)
    ? reason.replace(/(stopped on request: )?replaced by the launch of \S+/, 'replaced by a newer launch')
    : reason.replace(/^exit status (\d+)$/, 'exit code $1') // one word for one thing
}

/** The server's reason for the state of a launch, without the count of nodes where there is only one. */
export function reasonOf({ reason, nodes, failed }: Launch): string {
  if (reason?.includes(replaced)) return plainReason(reason)
  if (reason !== `${failed} of ${nodes} nodes did not succeed`) return reason ?? ''
  return nodes === 1 ? '' : `failed on ${failed} of ${nodes} nodes`
}

/** A text of the server as a sentence. */
export const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`)
