import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiError } from '@/api/error'
import { previewQuery, validityQuery, type JobWrite, type Preview, type PreviewWarning } from '@/api/jobs'
import { sentence } from '@/ui/words'
import { fieldsOf, type Executor, type Field } from './executors/executors'
import { missingIn, notesOf, type Notes } from './model/check'
import { complaintOf, placesOf, type Complaint } from './model/complaint'
import { asJob, type Definition, type Form } from './model/form'

/** What is known of the draft by now. */
export interface Checks {
  /** What to say at the fields. */
  notes: Notes
  /** What the server said against it, wherever that is shown. */
  complaint?: Complaint
  /** Whether the complaint stands at no field. */
  loose: boolean
  preview: UseQueryResult<Preview>
  /** What the server doubts. */
  warnings: readonly PreviewWarning[]
  /** Those of them that no field says. */
  looseWarnings: readonly PreviewWarning[]
  /** `waiting` until the newest draft was asked about. */
  verdict: 'incomplete' | 'waiting' | 'wrong' | 'good' | 'unknown'
}

const previewDelay = 250 // ms after the last key
const validityDelay = 500 // ms

/** Checks a draft: at once what can be told here, and by the server what only it can tell. */
export function useChecks(form: Form, definition: Definition, executors: readonly Executor[], tried: boolean): Checks {
  const fields = fieldsOf(executors, form.executor)
  const local = useMemo(() => notesOf(form, fields), [form, fields])
  const missing = useMemo(() => missingIn(form), [form])
  const wrong = [...Object.values(local), ...Object.values(missing)].some(note => note.kind === 'error')

  const asked = useSettled(previewOf(definition, !local.name), previewDelay)
  const preview = useQuery(previewQuery(asked.value as JobWrite, 5))
  const whole = useSettled(definition, validityDelay)
  const validity = useQuery({ ...validityQuery(asJob(whole.value)), enabled: !wrong && whole.settled })

  const error = (whole.settled && !wrong && refusal(validity)) || (asked.settled && refusal(preview)) || undefined
  const complaint = useMemo(() => (error ? complaintOf(error) : undefined), [error])
  const place = complaint && placeOf(complaint.field, form, fields)
  const notes: Notes = { ...local, ...(tried ? missing : {}) }
  const fresh = asked.settled && !preview.isPlaceholderData
  // What was said of one executor's configuration does not fit the next.
  const [judged, setJudged] = useState(form.executor)
  if (fresh && judged !== form.executor) setJudged(form.executor)
  const warnings = (judged === form.executor && preview.data?.warnings) || []
  if (complaint && place) notes[place] = { text: complaint.text, kind: 'error' }
  const said = new Set<string>() // places at which a warning is
  const looseWarnings = warnings.filter(warning => !noteAt(warning))

  return {
    notes,
    complaint,
    loose: complaint !== undefined && place === undefined,
    preview,
    warnings,
    looseWarnings,
    verdict: verdictOf(),
  }

  /** Says a warning at its field, if it has one. What is not there yet is refused only when it is to be saved. */
  function noteAt({ field, text, refused }: PreviewWarning): boolean {
    const at = placeOf(field, form, fields)
    if (!at) return false
    if (said.has(at)) return false
    said.add(at)
    const before = notes[at]
    if (before?.kind === 'error' || (before && !tried)) return true
    notes[at] = { text: sentence(text.replace(/^executor_config\./, '')), kind: refused && fresh ? 'error' : 'warning' }
    return true
  }

  function verdictOf(): Checks['verdict'] {
    if (Object.values(local).some(note => note.kind === 'error') || complaint) return 'wrong'
    if (fresh && tried && warnings.some(warning => warning.refused)) return 'wrong'
    if (wrong) return 'incomplete'
    if (!whole.settled || validity.isFetching) return 'waiting'
    return validity.isSuccess ? 'good' : 'unknown'
  }
}

/** A value as it was when it last stood still for a while. */
function useSettled(value: Definition, delay: number) {
  const text = JSON.stringify(value)
  const [still] = useDebouncedValue(text, delay)
  return { value: useMemo(() => JSON.parse(still) as Definition, [still]), settled: still === text }
}

/** What the server says is wrong; not that it could not be asked. */
function refusal({ error }: UseQueryResult<unknown>): string | undefined {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 ? error.message : undefined
}

const told = `timezone dst starts_at expires_at tags parents parent_job disabled ephemeral executor
  executor_config`.split(/\s+/)

/** The part of a definition that says when and where it runs, and what. Where nothing says when, the rest can be told all the same. */
function previewOf(definition: Definition, named: boolean): Definition {
  const part: Definition = { schedule: definition.schedule || '@manually' }
  for (const key of told) if (definition[key] !== undefined) part[key] = definition[key]
  if (named && definition.name) part.name = definition.name
  return part
}

const places = new Set(
  `name displayname owner owner_email schedule timezone starts_at expires_at catchup.policy catchup.window dst.gap
  dst.overlap parents parents_join executor executor_config tags concurrency queue_limit retries retry_on
  retry_backoff.initial retry_backoff.max retry_backoff.factor history.count history.age history.bytes processors
  metadata`.split(/\s+/),
)

/** Where in the form something about a path is said; undefined if nowhere. */
function placeOf(path: string, form: Form, fields: readonly Field[]): string | undefined {
  const config = new Set(fields.map(field => `executor_config.${field.key}`))
  const place = placesOf(path.replace(/^parent_job/, 'parents')).find(p => places.has(p) || config.has(p))
  return place === 'schedule' && form.mode !== 'schedule' ? undefined : place
}
