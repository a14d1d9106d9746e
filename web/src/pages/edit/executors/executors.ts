import type { Description, KeyDescription } from '@/api/executors'
import { fieldsIn } from '../model/value'

/** How a value is edited; in the definition all are strings. */
type Kind =
  'text' | 'lines' | 'number' | 'duration' | 'boolean' | 'flag' | 'choice' | 'offers' | 'list' | 'map' | 'secret'

/** A key of `executor_config`. */
export interface Field {
  key: string
  label: string
  kind: Kind
  required: boolean
  /** What a missing key means; empty if no value means the same. */
  default: string
  help: string
  example: string
  /** The only values of a `choice`, the usual ones of `offers`. */
  choices: readonly string[]
  /** Rarely used: folded away until it has a value. */
  rare: boolean
}

export interface Executor {
  name: string
  /** What it does, as a sentence; empty if it does not describe itself. */
  what: string
  /** Empty if it does not describe itself: its keys are not known then. */
  fields: readonly Field[]
}

/** The executors as the form shows them, from their own descriptions. */
export const executorsOf = (descriptions: readonly Description[]): Executor[] =>
  descriptions.map(({ name, schema }) => ({
    name,
    what: schema?.description ?? '',
    fields: Object.entries(schema?.properties ?? {}).map(([key, p]) =>
      fieldOf(key, p, schema?.required?.includes(key) ?? false),
    ),
  }))

function fieldOf(key: string, p: KeyDescription, required: boolean): Field {
  return {
    key,
    label: p.title,
    kind: kindOf(p),
    required,
    default: p.default ?? '',
    help: p.description,
    example: p.examples?.[0] ?? '',
    choices: p.enum ?? p.examples ?? [],
    rare: p['x-advanced'] ?? false,
  }
}

const formats: Record<string, Kind> = {
  multiline: 'lines',
  password: 'secret',
  boolean: 'boolean',
  flag: 'flag',
  integer: 'number',
  'go-duration': 'duration',
}

/** Anything without a field of its own is a line of text. */
function kindOf(p: KeyDescription): Kind {
  if (p.enum) return 'choice'
  const format = formats[p.format ?? '']
  if (format) return format
  if (p.contentMediaType === 'application/json') return kindOfJSON(fieldsIn(p.contentSchema))
  return (p.examples?.length ?? 0) > 1 ? 'offers' : 'text'
}

function kindOfJSON(content: Record<string, unknown>): Kind {
  const inner = (schema: unknown) => fieldsIn(schema).type
  if (content.type === 'array' && inner(content.items) === 'string') return 'list'
  if (content.type === 'object' && inner(content.additionalProperties) === 'string') return 'map'
  return 'lines'
}

export const executorOf = (executors: readonly Executor[], name: string): Executor | undefined =>
  executors.find(e => e.name === name)

export const fieldsOf = (executors: readonly Executor[], name: string): readonly Field[] =>
  executorOf(executors, name)?.fields ?? noFields

const noFields: readonly Field[] = [] // one object, so that memoized results stay valid

/** Words that mean yes, as the executors read them. */
export const isTrue = (text: string) => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)
