/**
 * The search parameters of an address, written so that a person can read and type them:
 *
 *     ?health=failing,late&tags.role=web
 *
 * Addresses that earlier versions wrote, with JSON as values, are read too.
 */

type Search = Record<string, unknown>

/** What an earlier version wrote as JSON: lists, objects, and texts that look like another value. */
const json = /^[[{"]/

export function readSearch(address: string): Search {
  const search: Search = {}
  for (const [name, text] of new URLSearchParams(address)) {
    const dot = name.indexOf('.')
    if (dot < 1) search[name] = valueOf(text)
    else pairsAt(search, name.slice(0, dot))[name.slice(dot + 1)] = text
  }
  return search
}

function valueOf(text: string): unknown {
  if (!json.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function pairsAt(search: Search, name: string): Record<string, string> {
  const there = search[name]
  if (typeof there === 'object' && there !== null) return there as Record<string, string>
  return (search[name] = Object.create(null) as Record<string, string>) as Record<string, string>
}

export function writeSearch(search: Search): string {
  const parts: string[] = []
  const add = (name: string, value: string) => parts.push(`${quote(name)}=${quote(value)}`)
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null) continue
    if (isWords(value)) add(name, value.join(','))
    else if (isPairs(value)) for (const [key, text] of Object.entries(value)) add(`${name}.${key}`, text)
    else if (typeof value === 'object') add(name, JSON.stringify(value))
    else add(name, plain(String(value as string | number | boolean)))
  }
  return parts.length ? `?${parts.join('&')}` : ''
}

/** A text that would be read as JSON is written as JSON. */
const plain = (text: string) => (json.test(text) ? JSON.stringify(text) : text)

const isWords = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(word => typeof word === 'string' && /^\w+$/.test(word))

const isPairs = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.values(value).every(text => typeof text === 'string')

/** Percent signs only where they are needed: commas and colons stay. */
const quote = (text: string) =>
  encodeURIComponent(text).replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%20', '+')
