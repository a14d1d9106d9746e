/** The executions whose output is shown, up to three side by side; the page picks one by default. */
interface LaunchSearch {
  show?: string[]
}

/** Browsers allow six connections to a host; the page needs one for its events. */
export const mostOutputs = 3

export function launchSearch(search: Record<string, unknown>): LaunchSearch {
  const value = Array.isArray(search.show) ? search.show : [search.show]
  const show = [...new Set(value.filter(id => typeof id === 'string' && id !== '') as string[])]
  return show.length ? { show: show.slice(0, mostOutputs) } : {}
}
