import { healths, type JobFilter, type JobListing, type JobSort } from '@/api/jobs'
import { defined, flag, listOf, oneOf, pairs, text, whole } from '@/ui/search'

/** The list's search parameters: a link shows the same jobs in the same order. */
export interface JobsSearch extends JobFilter {
  sort?: JobSort
  order?: 'desc'
  /** Only jobs without parents, with their children below them. */
  tree?: true
  /** Starts at 1. */
  page?: number
}

export const statuses = ['success', 'failed', 'partially_failed', 'untriggered'] as const

/** How many of the last launches each row shows. */
export const squares = 10

export const sorts = [
  'id',
  'health',
  'displayname',
  'schedule',
  'success_count',
  'error_count',
  'last_success',
  'last_error',
  'next',
  'owner',
  'executor',
  'updated_at',
] as const satisfies readonly JobSort[]

const mostPages = 1_000_000
const mostWords = 10 // of a search; the server's limit

export function jobsSearch(search: Record<string, unknown>): JobsSearch {
  return {
    search: text(search, 'search'),
    status: oneOf(search, 'status', statuses),
    disabled: truth(search.disabled),
    owner: text(search, 'owner'),
    executor: text(search, 'executor'),
    parent: text(search, 'parent'),
    tags: pairs(search, 'tags'),
    metadata: pairs(search, 'metadata'),
    health: listOf(search, 'health', healths),
    running: flag(search, 'running'),
    sort: oneOf(search, 'sort', sorts),
    order: oneOf(search, 'order', ['desc']),
    tree: flag(search, 'tree'),
    page: whole(search, 'page', 2, mostPages),
  }
}

function truth(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  return undefined
}

/** The filter, without order and page. */
export function filterOf(search: JobsSearch): JobFilter {
  const words = search.search?.split(/\s+/).filter(Boolean).slice(0, mostWords).join(' ')
  const places: JobsSearch = { sort: undefined, order: undefined, page: undefined, tree: undefined }
  return defined({ ...search, ...places, search: words || undefined, child: search.tree ? false : undefined })
}

/** The request to the server. */
export function listingOf(search: JobsSearch, pageSize: number): JobListing {
  const start = ((search.page ?? 1) - 1) * pageSize
  return {
    ...filterOf(search),
    sort: search.sort ?? 'id',
    descending: search.order === 'desc',
    start,
    end: start + pageSize,
    recent: squares,
  }
}
