import type { JobWrite } from '@/api/jobs'

/** A definition as canonical text: the name first, other keys in alphabetical order. */
export const json = (job: JobWrite) => JSON.stringify(ordered(job), null, 2)

export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, v]) => [key, ordered(v)]))
}

const first = ['name', 'job', 'displayname']
const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : first.length)

/** A command for a POSIX shell that stores a definition with a server. */
export function curl(url: string, text: string): string {
  return `curl -X POST ${quoted(url)} \\\n  -H 'Content-Type: application/json' \\\n  --data ${quoted(text)}`
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
