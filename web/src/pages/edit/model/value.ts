/** Readers of values that anybody may have typed: a value of a wrong type counts as absent. */

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fieldsIn = (value: unknown): Fields => (isFields(value) ? value : {})

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

export const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(one => typeof one === 'string') : []

export const numberIn = (value: unknown): number | '' => (typeof value === 'number' ? value : '')

export function wordIn<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find(word => word === value)
}

/** Whether two values are the same JSON; the order of keys does not matter. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => same(v, b[i]))
  if (!isFields(a) || !isFields(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key]))
}

/**
 * Applies to `base` the differences between `before` and `after`. Fields that neither of them has stay as they were.
 */
export function patched(base: unknown, before: Fields, after: Fields): Fields {
  const result: Fields = { ...fieldsIn(base) }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]]
    if (same(was, is)) continue
    const inner = result[key]
    if (is === undefined) delete result[key]
    else result[key] = isFields(was) && isFields(is) && isFields(inner) ? patched(inner, was, is) : is
  }
  return result
}
