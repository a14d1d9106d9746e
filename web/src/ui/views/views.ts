/** A list as somebody wants to see it again: a name for the search parameters of its page. */
export interface View {
  name: string
  /** The page. */
  of: 'jobs' | 'launches'
  search: Record<string, unknown>
}

export const longestName = 40

/** The views with another one; a view of the same page and name is replaced. */
export const withView = (views: readonly View[], view: View): View[] => [...without(views, view), view]

export const without = (views: readonly View[], view: View): View[] => views.filter(v => !isSame(v, view))

const isSame = (a: View, b: View) => a.of === b.of && a.name === b.name

/** What is stored in a browser may be of another version: what is no view is left out. */
export function viewsOf(stored: unknown): View[] {
  return Array.isArray(stored) ? stored.filter(isView) : []
}

function isView(value: unknown): value is View {
  if (typeof value !== 'object' || value === null) return false
  const { name, of, search } = value as Partial<View>
  return (
    typeof name === 'string' &&
    name !== '' &&
    (of === 'jobs' || of === 'launches') &&
    typeof search === 'object' &&
    search !== null
  )
}

/** Whether two searches are for the same list, whatever the order of their parameters. */
export function sameSearch(a: object, b: object): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  return `{${entries
    .map(([k, v]) => `${k}:${canonical(v)}`)
    .toSorted()
    .join()}}`
}
