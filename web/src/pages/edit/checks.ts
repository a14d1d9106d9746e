import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiError } from '@/api/error'
import { previewQuery, validityQuery, type JobWrite, type Preview, type PreviewWarning } from '@/api/jobs'
import { sentence } from '@/ui/words'
import { fieldsOf, type Executor, type Field } from './executors/executors'
import { missingIn, notesOf, type Note, type Notes } from './model/check'
import { complaintOf, placesOf, type Complaint } from './model/complaint'
import { asJob, type Definition, type Form } from './model/form'

/** The results of checking the draft so far. */
export interface Checks {
  /** Messages at the fields. */
  notes: Notes
  /** The server's error, wherever it is shown. */
  complaint?: Complaint
  /** Whether no field shows the complaint. */
  loose: boolean
  preview: UseQueryResult<Preview>
  /** The server's warnings. */
  warnings: readonly PreviewWarning[]
  /** The warnings that no field shows. */
  looseWarnings: readonly PreviewWarning[]
  /** Everything that is known to be wrong, errors first. */
  problems: readonly Found[]
  /** `waiting` until the newest draft was checked. */
  verdict: 'incomplete' | 'waiting' | 'wrong' | 'good' | 'unknown'
}

/** A problem, and the field of the form to go to; undefined if none is about it. */
export interface Found extends Note {
  /** The path in the definition; empty if it is not about one. */
  path: string
  place: string | undefined
}

const previewDelay = 250 // ms after the last key
const validityDelay = 500 // ms

/** What describes itself: executors and processors. */
interface Described {
  executors: readonly Executor[]
  processors: readonly Executor[]
}

/** Checks a draft: what it can locally and at once, the rest by the server. */
export function useChecks(form: Form, definition: Definition, described: Described, tried: boolean): Checks {
  const { processors } = described
  const fields = fieldsOf(described.executors, form.executor)
  const local = useMemo(() => notesOf(form, fields, processors), [form, fields, processors])
  const own = useMemo(() => placesIn(form, fields, processors), [form, fields, processors])
  const missing = useMemo(() => missingIn(form), [form])
  const wrong = [...Object.values(local), ...Object.values(missing)].some(note => note.kind === 'error')

  const asked = useSettled(previewOf(definition, !local.name), previewDelay)
  const preview = useQuery(previewQuery(asked.value as JobWrite, 5))
  const whole = useSettled(definition, validityDelay)
  const validity = useQuery({ ...validityQuery(asJob(whole.value)), enabled: !wrong && whole.settled })

  const error = (whole.settled && !wrong && refusal(validity)) || (asked.settled && refusal(preview)) || undefined
  const complaint = useMemo(() => (error ? complaintOf(error) : undefined), [error])
  const place = complaint && placeOf(complaint.field, form, own)
  const notes: Notes = { ...local, ...(tried ? missing : {}) }
  const fresh = asked.settled && !preview.isPlaceholderData
  // What was said of one executor's configuration does not fit the next.
  const [judged, setJudged] = useState(form.executor)
  if (fresh && judged !== form.executor) setJudged(form.executor)
  const warnings = (judged === form.executor && preview.data?.warnings) || []
  if (complaint && place) notes[place] = { text: complaint.text, kind: 'error' }
  const said = new Set<string>() // fields that show a warning
  const looseWarnings = warnings.filter(warning => !noteAt(warning))
  const reviewed = reviewedNow()
  const problems = gather()

  return {
    notes,
    complaint,
    loose: complaint !== undefined && place === undefined,
    preview,
    warnings,
    looseWarnings,
    problems,
    verdict: verdictOf(),
  }

  /** Shows a warning at its field, if it has one. A missing value is an error only when saving. */
  function noteAt({ field, text, refused }: PreviewWarning): boolean {
    const at = placeOf(field, form, own)
    if (!at) return false
    if (said.has(at)) return false
    said.add(at)
    const before = notes[at]
    if (before?.kind === 'error' || (before && !tried)) return true
    notes[at] = { text: spoken(text), kind: refused && fresh ? 'error' : 'warning' }
    return true
  }

  /** The review of the newest draft; what no field shows yet is added to the fields. */
  function reviewedNow() {
    const found = (whole.settled && !wrong && validity.data?.problems) || []
    const ours = new Set<string>() // fields of which only the review says something: all of it is shown
    return found.map(({ field, text, severity, refused }) => {
      const kind: Note['kind'] = severity === 'error' || refused ? 'error' : 'warning'
      const at = placeOf(field, form, own)
      const before = at && notes[at]
      if (at && !before) {
        ours.add(at)
        notes[at] = { text: spoken(text), kind }
      } else if (before && ours.has(at) && before.kind === kind) before.text += ` ${spoken(text)}`
      return { field, text, kind }
    })
  }

  /** What the fields say, what the preview and the review of the server say; each once. */
  function gather(): Found[] {
    const all: Found[] = Object.entries(notes).map(([path, { text, kind }]) => ({ text, kind, path, place: path }))
    const add = (path: string, text: string, kind: Note['kind']) => {
      const worded = spoken(text)
      if (all.some(one => one.path === path || one.text === worded)) return
      all.push({ path, text: worded, kind, place: placeOf(path, form, own) })
    }
    if (complaint && !place) add(complaint.field, complaint.text, 'error')
    for (const { field, text, kind } of reviewed) add(field, text, kind)
    for (const { field, text, refused } of warnings) add(field, text, refused && fresh ? 'error' : 'warning')
    return all.toSorted((a, b) => Number(a.kind === 'warning') - Number(b.kind === 'warning'))
  }

  function verdictOf(): Checks['verdict'] {
    if (Object.values(local).some(note => note.kind === 'error') || complaint) return 'wrong'
    if (fresh && tried && warnings.some(warning => warning.refused)) return 'wrong'
    if (wrong) return 'incomplete'
    if (whole.settled && problems.some(problem => problem.kind === 'error')) return 'wrong'
    if (!whole.settled || validity.isFetching) return 'waiting'
    return validity.isSuccess ? 'good' : 'unknown'
  }
}

/** A server's text next to a form, in which each key of the executor or of a processor is a field. */
export const spoken = (text: string) => sentence(text.replace(/^(executor_config|processors\.[^.\s]+)\.(?=\S)/, ''))

/** A value after it has not changed for a while. */
function useSettled(value: Definition, delay: number) {
  const text = JSON.stringify(value)
  const [still] = useDebouncedValue(text, delay)
  return { value: useMemo(() => JSON.parse(still) as Definition, [still]), settled: still === text }
}

/** The server's error about the draft; not a failure to reach the server. */
function refusal({ error }: UseQueryResult<unknown>): string | undefined {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 ? error.message : undefined
}

const previewed = `timezone dst starts_at expires_at tags parents parent_job disabled ephemeral executor
  executor_config`.split(/\s+/)

/** The part of a definition that says when, where and what it runs. A preview needs a schedule, so a missing one is @manually. */
function previewOf(definition: Definition, named: boolean): Definition {
  const part: Definition = { schedule: definition.schedule || '@manually' }
  for (const key of previewed) if (definition[key] !== undefined) part[key] = definition[key]
  if (named && definition.name) part.name = definition.name
  return part
}

const places = new Set(
  `name displayname owner owner_email schedule timezone starts_at expires_at catchup.policy catchup.window dst.gap
  dst.overlap parents parents_join executor executor_config tags concurrency queue_limit retries retry_on
  retry_backoff.initial retry_backoff.max retry_backoff.factor history.count history.age history.bytes processors
  metadata confirm notes channels objectives.deadline objectives.max_lateness objectives.expected_duration
  objectives.max_silence`.split(/\s+/),
)

/** The fields of configurations. */
function placesIn(form: Form, fields: readonly Field[], processors: readonly Executor[]): ReadonlySet<string> {
  const found = new Set(fields.map(field => `executor_config.${field.key}`))
  for (const { key } of form.processors) {
    found.add(`processors.${key}`)
    for (const field of fieldsOf(processors, key)) found.add(`processors.${key}.${field.key}`)
  }
  return found
}

/** The field of the form that shows messages about a path; undefined if none does. */
function placeOf(path: string, form: Form, own: ReadonlySet<string>): string | undefined {
  const place = placesOf(path.replace(/^parent_job/, 'parents')).find(p => places.has(p) || own.has(p))
  return place === 'schedule' && form.mode !== 'schedule' ? undefined : place
}
