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
  /** `waiting` until the newest draft was checked. */
  verdict: 'incomplete' | 'waiting' | 'wrong' | 'good' | 'unknown'
}

const previewDelay = 250 // ms after the last key
const validityDelay = 500 // ms

/** Checks a draft: what it can locally and at once, the rest by the server. */
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
  const said = new Set<string>() // fields that show a warning
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

  /** Shows a warning at its field, if it has one. A missing value is an error only when saving. */
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
  metadata`.split(/\s+/),
)

/** The field of the form that shows messages about a path; undefined if none does. */
function placeOf(path: string, form: Form, fields: readonly Field[]): string | undefined {
  const config = new Set(fields.map(field => `executor_config.${field.key}`))
  const place = placesOf(path.replace(/^parent_job/, 'parents')).find(p => places.has(p) || config.has(p))
  return place === 'schedule' && form.mode !== 'schedule' ? undefined : place
}
