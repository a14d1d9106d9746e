import { fieldsIn, type Fields } from './value'

/** A key and a value being edited. Keys may be empty or duplicate meanwhile. */
export interface Row {
  id: number
  key: string
  value: string
}

let last = 0

/** Distinguishes rows with the same text. */
export const nextId = () => ++last

export const newRow = (key = '', value = ''): Row => ({ id: nextId(), key, value })

export const rowsOf = (value: unknown): Row[] =>
  Object.entries(fieldsIn(value)).map(([key, v]) => newRow(key, typeof v === 'string' ? v : JSON.stringify(v)))

/** The object of the rows that have a key; undefined if there is none. */
export function objectOf<T>(rows: readonly (T & { key: string })[], value: (row: T) => unknown): Fields | undefined {
  const named = rows.filter(row => row.key !== '')
  // Not by assignment: a key may be __proto__.
  return named.length ? (Object.fromEntries(named.map(row => [row.key, value(row)])) as Fields) : undefined
}

export const valueOf = (rows: readonly Row[], key: string): string => rows.find(row => row.key === key)?.value ?? ''

/** The rows with a new value for a key; an empty value removes the row. */
export function withValue(rows: readonly Row[], key: string, value: string): Row[] {
  if (value === '') return rows.filter(row => row.key !== key)
  if (rows.some(row => row.key === key)) return rows.map(row => (row.key === key ? { ...row, value } : row))
  return [...rows, newRow(key, value)]
}

/** A key that appears twice, or undefined. */
export const doubled = (rows: readonly { key: string }[]): string | undefined =>
  rows.find((row, i) => row.key !== '' && rows.findIndex(r => r.key === row.key) !== i)?.key

/** A tag that a node must have, and how many of these nodes to use. */
export interface TagRow {
  id: number
  key: string
  value: string
  /** Digits; empty means all. */
  count: string
}

/** Splits `value:count`. The part after the last colon is a count only if it is a number. */
export function tagRow(key: string, text: string): TagRow {
  const [, value, count] = /^([^]*):([+-]?\d+)$/.exec(text) ?? [undefined, text, '']
  return { id: nextId(), key, value: value!, count: count! }
}

export const tagText = (row: TagRow): string => (row.count === '' ? row.value : `${row.value}:${row.count}`)
