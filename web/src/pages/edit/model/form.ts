import type { JobWrite } from '@/api/jobs'
import { nextId, objectOf, rowsOf, tagRow, tagText, type Row, type TagRow } from './rows'
import { fieldsIn, numberIn, patched, textIn, textsIn, wordIn, type Fields } from './value'

/** A job's definition: the fields that the form knows, and any others. */
export type Definition = Fields

/** What makes a job run. */
export type Mode = 'schedule' | 'parents' | 'hand'

export const conditions = ['success', 'failure', 'always'] as const

export interface ParentRow {
  id: number
  job: string
  on: (typeof conditions)[number]
  /** Stored in `parent_job`, as in v4. */
  single?: boolean
}

/** A processor: its name and its settings. */
export interface ProcessorRow {
  id: number
  key: string
  config: Row[]
}

/** The values of the form's fields. An empty text means the default. */
export interface Form {
  name: string
  displayname: string
  owner: string
  owner_email: string
  disabled: boolean
  mode: Mode
  schedule: string
  /** The schedule of a job with parents, which is ignored. */
  idleSchedule: string
  timezone: string
  starts_at: string
  expires_at: string
  catchup: { policy: string; window: string }
  dst: { gap: string; overlap: string }
  parents: ParentRow[]
  parents_join: string
  executor: string
  config: Row[]
  tags: TagRow[]
  concurrency: string
  queue_limit: number | ''
  retries: number | ''
  retry_on: string
  retry_backoff: { initial: string; max: string; factor: number | '' }
  retry_lost: boolean
  history: { count: number | ''; age: string; bytes: number | '' }
  ephemeral: boolean
  confirm: boolean
  notes: string
  objectives: { deadline: string; max_lateness: string; expected_duration: string; max_silence: string }
  channels: string[]
  processors: ProcessorRow[]
  metadata: Row[]
}

export const processorRow = (key = '', config: Row[] = []): ProcessorRow => ({ id: nextId(), key, config })

const manually = '@manually'

/** The form of a definition. A value of a wrong type counts as absent. */
export function formOf(d: Definition): Form {
  const [catchup, dst, backoff, history] = [d.catchup, d.dst, d.retry_backoff, d.history].map(fieldsIn) as [
    Fields,
    Fields,
    Fields,
    Fields,
  ]
  const objectives = fieldsIn(d.objectives)
  const parents = parentsOf(d)
  const schedule = textIn(d.schedule)
  return {
    name: textIn(d.name),
    displayname: textIn(d.displayname),
    owner: textIn(d.owner),
    owner_email: textIn(d.owner_email),
    disabled: d.disabled === true,
    mode: parents.length ? 'parents' : schedule === manually ? 'hand' : 'schedule',
    schedule,
    idleSchedule: parents.length ? schedule : '',
    timezone: textIn(d.timezone),
    starts_at: textIn(d.starts_at),
    expires_at: textIn(d.expires_at),
    catchup: { policy: textIn(catchup.policy), window: textIn(catchup.window) },
    dst: { gap: textIn(dst.gap), overlap: textIn(dst.overlap) },
    parents,
    parents_join: textIn(d.parents_join),
    executor: textIn(d.executor),
    config: rowsOf(d.executor_config),
    tags: Object.entries(fieldsIn(d.tags)).map(([key, value]) => tagRow(key, textIn(value))),
    concurrency: textIn(d.concurrency) || 'allow',
    queue_limit: numberIn(d.queue_limit),
    retries: numberIn(d.retries),
    retry_on: textIn(d.retry_on),
    retry_backoff: {
      initial: textIn(backoff.initial),
      max: textIn(backoff.max),
      factor: numberIn(backoff.factor),
    },
    retry_lost: d.retry_lost === true,
    history: { count: numberIn(history.count), age: textIn(history.age), bytes: numberIn(history.bytes) },
    ephemeral: d.ephemeral === true,
    confirm: d.confirm === true,
    notes: textIn(d.notes),
    objectives: {
      deadline: textIn(objectives.deadline),
      max_lateness: textIn(objectives.max_lateness),
      expected_duration: textIn(objectives.expected_duration),
      max_silence: textIn(objectives.max_silence),
    },
    channels: textsIn(d.channels),
    processors: Object.entries(fieldsIn(d.processors)).map(([key, value]) => processorRow(key, rowsOf(value))),
    metadata: rowsOf(d.metadata),
  }
}

function parentsOf(d: Definition): ParentRow[] {
  const single = textIn(d.parent_job)
  const rows: ParentRow[] = single ? [{ id: nextId(), job: single, on: 'success', single: true }] : []
  for (const parent of (Array.isArray(d.parents) ? d.parents : []).map(fieldsIn))
    rows.push({ id: nextId(), job: textIn(parent.job), on: wordIn(parent.on, conditions) ?? 'success' })
  return rows
}

/** The definition of a form, without defaults. */
export function written(form: Form): Definition {
  const all: Definition = {
    name: form.name,
    displayname: form.displayname,
    owner: form.owner,
    owner_email: form.owner_email,
    disabled: form.disabled,
    ...writtenTiming(form),
    timezone: form.timezone,
    starts_at: form.starts_at,
    expires_at: form.expires_at,
    catchup: filled(form.catchup),
    dst: filled(form.dst),
    executor: form.executor,
    executor_config: objectOf(form.config, row => row.value),
    tags: objectOf(form.tags, tagText),
    concurrency: form.concurrency === 'allow' ? '' : form.concurrency,
    queue_limit: form.queue_limit,
    retries: form.retries,
    retry_on: form.retry_on,
    retry_backoff: filled(form.retry_backoff),
    retry_lost: form.retry_lost,
    history: filled(form.history),
    ephemeral: form.ephemeral,
    confirm: form.confirm,
    notes: form.notes,
    objectives: filled(form.objectives),
    channels: form.channels,
    processors: objectOf(form.processors, row => objectOf(row.config, one => one.value) ?? {}),
    metadata: objectOf(form.metadata, row => row.value),
  }
  return filled(all) ?? {}
}

const isSingle = (parent: ParentRow) => parent.single && parent.on === 'success'

function writtenTiming(form: Form): Definition {
  if (form.mode === 'hand') return { schedule: manually }
  if (form.mode === 'schedule') return { schedule: form.schedule === manually ? '' : form.schedule }
  const named = form.parents.filter(parent => parent.job !== '')
  return {
    schedule: form.idleSchedule,
    parent_job: named.find(isSingle)?.job,
    parents: named.filter(p => !isSingle(p)).map(p => (p.on === 'success' ? { job: p.job } : { job: p.job, on: p.on })),
    parents_join: form.parents_join,
  }
}

/** The fields that are not empty; undefined if all are. */
function filled(fields: Fields): Fields | undefined {
  const kept = Object.entries(fields).filter(
    ([, v]) => v !== '' && v !== undefined && v !== false && !(Array.isArray(v) && v.length === 0),
  )
  return kept.length ? Object.fromEntries(kept) : undefined
}

/** The definition of a form, based on the one that was opened: what the form did not change stays as it was. */
export const definitionFrom = (form: Form, base: Definition): Definition =>
  patched(base, written(formOf(base)), written(form))

/** Typed for the server, which checks it. */
export const asJob = (definition: Definition) => definition as JobWrite & { name: string }
