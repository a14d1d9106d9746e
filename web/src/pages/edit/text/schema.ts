import { queryOptions } from '@tanstack/react-query'
import { api } from '@/api/client'
import { fieldsIn, textIn, type Fields } from '../model/value'

/** A field of a job in the API's document. */
export interface Part {
  description: string
  /** `string`, `integer` …, as words. */
  type: string
  words: string[]
  /** Its keys; empty if it is not an object, or allows any key. */
  parts: Map<string, Part>
}

/** The fields of a job, from the server's API document. */
export const schemaQuery = queryOptions({
  queryKey: ['schema'],
  queryFn: async ({ signal }) => jobPart((await api.GET('/v1/openapi.json', { signal })).data as unknown),
  staleTime: Infinity,
  refetchInterval: false,
})

export const jobPart = (document: unknown): Part =>
  partOf({ $ref: '#/components/schemas/JobWrite' }, fieldsIn(fieldsIn(fieldsIn(document).components).schemas), 0)

const deepest = 6 // a schema may refer to itself

function partOf(schema: unknown, schemas: Fields, depth: number): Part {
  const own = resolved(schema, schemas)
  const parts = new Map<string, Part>()
  if (depth < deepest)
    for (const [key, value] of Object.entries(own.properties)) parts.set(key, partOf(value, schemas, depth + 1))
  return { description: own.description, type: own.type, words: own.words, parts }
}

interface Resolved {
  description: string
  type: string
  words: string[]
  properties: Fields
}

/** A schema merged with its references and item schema. Its own texts win. */
function resolved(schema: unknown, schemas: Fields): Resolved {
  const s = fieldsIn(schema)
  const result: Resolved = { description: '', type: '', words: [], properties: fieldsIn(s.properties) }
  const name = textIn(s.$ref).replace('#/components/schemas/', '')
  const others = [...(name ? [schemas[name]] : []), ...listIn(s.allOf), ...listIn(s.anyOf)]
  const own = { description: textIn(s.description).trim(), type: typeOf(s.type), words: listIn(s.enum).map(String) }
  for (const other of [own, ...others.map(o => resolved(o, schemas))]) {
    result.description ||= other.description
    result.type ||= other.type
    if (!result.words.length) result.words = other.words
    if ('properties' in other) result.properties = { ...fieldsIn(other.properties), ...result.properties }
  }
  if (s.items) result.properties = { ...result.properties, ...resolved(s.items, schemas).properties }
  return result
}

const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const typeOf = (type: unknown) =>
  (Array.isArray(type) ? type : [type]).filter(t => typeof t === 'string' && t !== 'null').join(' or ')

/** The part at a path; undefined if the document has none. */
export function partAt(job: Part | undefined, path: readonly string[]): Part | undefined {
  let part = job
  for (const key of path) part = part?.parts.get(key)
  return part
}

/** The paths of the outermost keys in a definition that the server does not know. */
export function unknownKeys(definition: Fields, part: Part, above = ''): string[] {
  return Object.entries(definition).flatMap(([key, value]) => {
    const inner = part.parts.get(key)
    if (!inner) return part.parts.size && !serverKeys.has(key) ? [above + key] : []
    const list = Array.isArray(value) ? value : [value]
    return list.flatMap((item, i) => {
      const at = Array.isArray(value) ? `${above}${key}[${i}].` : `${above}${key}.`
      return inner.parts.size ? unknownKeys(fieldsIn(item), inner, at) : []
    })
  })
}

// The server's own fields, which may be sent back.
const serverKeys = new Set(
  `id success_count error_count last_success last_error dependent_jobs status next created_at updated_at updated_by
  revision running queued launch_id schedule_text`.split(/\s+/),
)
