/**
 * The links of the page that this one replaces, which kept its addresses after a `#`, as `#/jobs/NAME/show`. They are in
 * runbooks, chats and mails.
 */

/** Where an old link leads on this page, as a path with a search; undefined if the hash is none. */
export function placeOf(hash: string): string | undefined {
  const [, path, query] = /^#?(\/[^?]*)(\?.*)?$/.exec(hash) ?? []
  if (path === undefined) return undefined
  const [page = '', name, tab, part] = path.slice(1).split('/')
  const asked = new URLSearchParams(query)
  switch (page) {
    case 'jobs':
      return name ? placeOfJob(name, tab, part) : `/jobs${listOf(asked)}`
    case 'busy':
      return '/launches?state=waiting,queued,running'
    case 'executions':
    case 'launches':
      return '/launches'
    case 'members':
    case 'nodes':
    case 'cluster':
      return '/nodes'
    case 'settings':
      return '/settings'
    default:
      return '/'
  }
}

/** A list of jobs by default, one of them, its form, or the form of a new one. */
function placeOfJob(name: string, tab = '', part = ''): string {
  if (name === 'create') return '/new'
  const job = `/jobs/${encodeURIComponent(decoded(name).toLowerCase())}`
  if (tab !== 'show') return `${job}/edit`
  return part === 'executions' || part === '1' ? `${job}?tab=launches` : job
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The filter of the old list, as far as this one knows it. */
function listOf(asked: URLSearchParams): string {
  const filter = filterOf(asked.get('filter'))
  const known: [string, unknown][] = [
    ['search', filter.q],
    ['status', filter.status],
    ['disabled', filter.disabled],
  ]
  const kept = known.filter(([, value]) => ['string', 'boolean'].includes(typeof value) && value !== '')
  return kept.length ? `?${new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString()}` : ''
}

function filterOf(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? '{}') ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}
