/** Readers of search parameters, which anybody may have typed: invalid ones are ignored. */

type Search = Record<string, unknown>

/** A non-empty text. The router turns digits into numbers. */
export function text(search: Search, key: string): string | undefined {
  const value = search[key]
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value ? value : undefined
}

export function oneOf<T extends string>(search: Search, key: string, words: readonly T[]): T | undefined {
  return words.find(word => word === search[key])
}

/** Some of the words: a list, or a text with commas between them. */
export function listOf<T extends string>(search: Search, key: string, words: readonly T[]): T[] | undefined {
  const value = search[key]
  const given: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  const found = words.filter(word => given.includes(word))
  return found.length ? found : undefined
}

export function whole(search: Search, key: string, least: number, most: number): number | undefined {
  const value = Number(search[key])
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

export function flag(search: Search, key: string): true | undefined {
  return search[key] === true || search[key] === 'true' ? true : undefined
}

/** A time, as ISO text in UTC. */
export function instant(search: Search, key: string): string | undefined {
  const at = Date.parse(text(search, key) ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** Without undefined values, so that equal searches compare equal. */
export function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

/** Pairs such as `{team: "ops"}`. */
export function pairs(search: Search, key: string): Record<string, string> | undefined {
  const value = search[key]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const found = Object.entries(value).filter(([k, v]) => k && (typeof v === 'string' || typeof v === 'number'))
  return found.length ? Object.fromEntries(found.map(([k, v]) => [k, String(v)])) : undefined
}
