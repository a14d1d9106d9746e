import { fieldsOf, type Executor, type Field } from '../executors/executors'
import type { Form } from './form'
import { count } from '@/ui/size'
import { doubled, valueOf, type Row } from './rows'
import { wrongName } from './slug'

/** A message about a field's value. */
export interface Note {
  text: string
  /** A warning does not prevent saving. */
  kind: 'error' | 'warning'
}

/** By path of the field. */
export type Notes = Record<string, Note>

const duration = /^([+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+))?$/

const isDuration = (text: string) => duration.test(text)

/** The server's bound of the notes, in bytes. */
export const mostNotes = 16_384

export const bytesOf = (text: string) => new TextEncoder().encode(text).length

const wantsDuration = 'Use a duration such as 90s, 5m or 1h30m.'

/** What can be told without asking the server. `fields` are those of the executor. */
export function notesOf(form: Form, fields: readonly Field[], processors: readonly Executor[] = []): Notes {
  const notes: Notes = {}
  const error = (path: string, text: string | false | undefined) => {
    if (text) notes[path] ??= { text, kind: 'error' }
  }
  error('name', wrongName(form.name))
  const durations: [string, string][] = [
    ['catchup.window', form.catchup.window],
    ['retry_backoff.initial', form.retry_backoff.initial],
    ['retry_backoff.max', form.retry_backoff.max],
    ['history.age', form.history.age],
    ['objectives.max_lateness', form.objectives.max_lateness],
    ['objectives.expected_duration', form.objectives.expected_duration],
    ['objectives.max_silence', form.objectives.max_silence],
  ]
  for (const [path, text] of durations) error(path, !isDuration(text) && wantsDuration)
  const { starts_at: starts, expires_at: expires } = form
  if (starts && expires && Date.parse(expires) <= Date.parse(starts))
    notes.expires_at = { text: 'It expires before it starts: it will never be due.', kind: 'warning' }
  for (const path of ['tags', 'metadata', 'processors'] as const) {
    const key = doubled(form[path])
    error(path, key && `“${key}” appears twice.`)
  }
  const size = bytesOf(form.notes)
  error('notes', size > mostNotes && `Notes have at most ${count(mostNotes)} bytes, these have ${count(size)}.`)
  for (const tag of form.tags) error('tags', !/^([+-]?\d+)?$/.test(tag.count) && 'A count must be a whole number.')
  for (const { key, config } of form.processors) {
    if (!key) error('processors', config.length > 0 && 'Name the processor, or remove it.')
    else Object.assign(notes, configNotes(key, `processors.${key}`, config, fieldsOf(processors, key)))
  }
  return { ...notes, ...configNotes(form.executor, 'executor_config', form.config, fields) }
}

/** Required fields that are missing. Shown only once somebody tries to save. */
export function missingIn(form: Form): Notes {
  const notes: Notes = {}
  if (!form.name) notes.name = { text: 'A job needs a name.', kind: 'error' }
  if (form.mode === 'schedule' && (!form.schedule.trim() || form.schedule === '@manually'))
    notes.schedule = { text: 'Enter a schedule, or choose another way to start it.', kind: 'error' }
  if (form.mode === 'parents' && !form.parents.some(parent => parent.job))
    notes.parents = { text: 'Name a parent job.', kind: 'error' }
  if (!form.executor) notes.executor = { text: 'Choose an executor.', kind: 'error' }
  return notes
}

function configNotes(owner: string, at: string, config: readonly Row[], fields: readonly Field[]): Notes {
  const notes: Notes = {}
  const twice = doubled(config)
  if (twice) notes[at] = { text: `“${twice}” appears twice.`, kind: 'error' }
  for (const field of fields) {
    const value = valueOf(config, field.key)
    const path = `${at}.${field.key}`
    const warn = (text: string) => (notes[path] ??= { text, kind: 'warning' })
    if (field.required && !value) warn(`${owner} can’t run without it.`)
    if (!value) continue
    if (field.kind === 'duration' && !isDuration(value)) notes[path] = { text: wantsDuration, kind: 'error' }
    if (field.kind === 'number' && !/^-?\d+$/.test(value)) warn('This is no whole number.')
  }
  return notes
}
