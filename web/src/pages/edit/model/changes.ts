import { isFields, same, type Fields } from './value'

/** A field that differs. */
interface Change {
  path: string
  was: unknown
  is: unknown
}

/** The differences of two definitions, down to the innermost named fields. */
export function changesOf(was: Fields, is: Fields, above = ''): Change[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap(key => {
    const [a, b] = [was[key], is[key]]
    const path = above + key
    if (same(a, b)) return []
    if (isFields(a) && isFields(b)) return changesOf(a, b, `${path}.`)
    return [{ path, was: a, is: b }]
  })
}
