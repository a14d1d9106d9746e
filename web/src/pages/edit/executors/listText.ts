/** A JSON array of strings as lines, for people; undefined if the text is none or has lines within its strings. */
export function linesOf(json: string): string | undefined {
  if (json.trim() === '') return ''
  try {
    const list: unknown = JSON.parse(json)
    if (!Array.isArray(list) || !list.every(item => typeof item === 'string' && !item.includes('\n'))) return undefined
    return (list as string[]).join('\n')
  } catch {
    return undefined
  }
}

/** The JSON array of lines. Lines that are empty are kept while somebody writes; an empty text is no list. */
export const listOf = (lines: string): string => (lines.trim() === '' ? '' : JSON.stringify(lines.split('\n')))

/** The pairs of a JSON object of strings; undefined if the text is none. */
export function pairsOf(json: string): [string, string][] | undefined {
  if (json.trim() === '') return []
  try {
    const map: unknown = JSON.parse(json)
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined
    const pairs = Object.entries(map)
    return pairs.every(([, value]) => typeof value === 'string') ? (pairs as [string, string][]) : undefined
  } catch {
    return undefined
  }
}

export const mapOf = (pairs: readonly (readonly [string, string])[]): string => {
  const named = pairs.filter(([key]) => key !== '')
  return named.length ? JSON.stringify(Object.fromEntries(named)) : ''
}
