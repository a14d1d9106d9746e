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

/** A definition as YAML for reading and comparing, in the order of `json`: texts of several lines are blocks. */
export const readable = (job: object) => fieldsIn(ordered(job) as object, '')

const fieldsIn = (fields: object, indent: string): string =>
  Object.entries(fields)
    .map(([key, value]) => `${indent}${scalar(key)}:${after(value, indent)}`)
    .join('\n')

/** A value after its key or dash. */
function after(value: unknown, indent: string): string {
  const deeper = `${indent}  `
  if (typeof value === 'string' && isBlock(value)) return ` ${block(value, deeper)}`
  if (Array.isArray(value))
    return value.length === 0 ? ' []' : value.map(item => `\n${indent}-${inList(item, indent)}`).join('')
  if (typeof value !== 'object' || value === null) return ` ${scalar(value)}`
  return Object.keys(value).length === 0 ? ' {}' : `\n${fieldsIn(value, deeper)}`
}

function inList(item: unknown, indent: string): string {
  const deeper = `${indent}  `
  if (Array.isArray(item)) return ` ${JSON.stringify(item)}`
  const isFilled = typeof item === 'object' && item !== null && Object.keys(item).length > 0
  return isFilled ? ` ${fieldsIn(item, deeper).slice(deeper.length)}` : after(item, indent)
}

/** Whether a text can be a block: several lines, without what YAML would lose. */
const isBlock = (text: string) => /^\S.*\n/.test(text) && !/[^\P{C}\n\t]|\n\n$/u.test(text)

function block(text: string, indent: string): string {
  const ends = text.endsWith('\n')
  const lines = (ends ? text.slice(0, -1) : text).split('\n')
  return [ends ? '|' : '|-', ...lines.map(line => (line === '' ? '' : indent + line))].join('\n')
}

const word = /^[A-Za-z_/][\w ./@*=+,-]*$/
const special = /^(true|false|null|yes|no|on|off|y|n)$|\s$/i

function scalar(value: unknown): string {
  if (typeof value === 'string' && word.test(value) && !special.test(value)) return value
  return JSON.stringify(value) ?? 'null'
}
