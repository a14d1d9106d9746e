import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, slice, type Schemas } from './client'

export type Job = Schemas['Job']
export type JobStats = Schemas['JobStats']
/** How a job does, in one word of the server. */
export type Health = Schemas['Health']
/** A launch of a job in short. */
export type RecentLaunch = Schemas['RecentLaunch']

/** All of them, in the order in which they need attention. */
export const healths = [
  'failing',
  'did_not_run',
  'late',
  'long_running',
  'waiting',
  'never_due',
  'disabled',
  'ok',
] as const satisfies readonly Health[]

export type JobWrite = Schemas['JobWrite']
export type Version = Schemas['Version']
export type Preview = Schemas['Preview']
/** A warning about a definition. */
export type PreviewWarning = NonNullable<Preview['warnings']>[number]
export type Parent = Schemas['Parent']

/** Query keys begin with what an event of the stream makes stale; see live.ts. */
export const jobKeys = {
  lists: ['jobs'] as const,
  of: (name: string) => ['job', name] as const,
}

export interface JobFilter {
  search?: string
  status?: 'success' | 'failed' | 'partially_failed' | 'untriggered'
  disabled?: boolean
  owner?: string
  executor?: string
  parent?: string
  /** Whether it waits for others. */
  child?: boolean
  /** Whether it asks before it is started or stopped. */
  confirm?: boolean
  metadata?: Record<string, string>
  tags?: Record<string, string>
  /** Any of these. */
  health?: Health[]
  /** Whether it has launches that have not ended. */
  running?: boolean
}

export type JobSort =
  | 'id'
  | 'displayname'
  | 'schedule'
  | 'success_count'
  | 'error_count'
  | 'last_success'
  | 'last_error'
  | 'next'
  | 'owner'
  | 'executor'
  | 'updated_at'
  | 'health'

export interface JobListing extends JobFilter {
  /** How many of its last launches are shown with each job. */
  recent?: number
  sort?: JobSort
  descending?: boolean
  start?: number
  end?: number
}

const truth = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'true' : 'false')

export function fetchJobs(listing: JobListing, signal?: AbortSignal) {
  const { disabled } = listing
  return slice(
    api.GET('/v1/jobs', {
      signal,
      params: {
        query: {
          _search: listing.search,
          status: listing.status,
          disabled: disabled === undefined ? undefined : String(disabled),
          _owner: listing.owner,
          _executor: listing.executor,
          _parent: listing.parent,
          _child: truth(listing.child),
          _confirm: truth(listing.confirm),
          metadata: listing.metadata,
          _tag: listing.tags,
          _sort: listing.sort,
          _nulls: 'last', // jobs without a value come last in either order
          _order: listing.descending ? 'DESC' : 'ASC',
          _start: listing.start,
          _end: listing.end,
          health: listing.health,
          _open: truth(listing.running),
          recent: listing.recent,
        },
      },
    }),
  )
}

export const jobsQuery = (listing: JobListing) =>
  queryOptions({
    queryKey: [...jobKeys.lists, listing],
    queryFn: ({ signal }) => fetchJobs(listing, signal),
    placeholderData: keepPreviousData,
  })

const path = (job: string) => ({ path: { job } })

export const jobQuery = (job: string) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'definition'],
    queryFn: ({ signal }) => body(api.GET('/v1/jobs/{job}', { signal, params: path(job) })),
  })

/** How many jobs there are of each health. */
export const healthQuery = queryOptions({
  queryKey: [...jobKeys.lists, 'health'],
  queryFn: async ({ signal }) => (await body(api.GET('/v1/stats', { signal, params: { query: { days: 1 } } }))).health,
})

export const jobStatsQuery = (job: string) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'stats'],
    queryFn: ({ signal }) => body(api.GET('/v1/jobs/{job}/stats', { signal, params: path(job) })),
  })

export const versionsQuery = (job: string) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'versions'],
    queryFn: ({ signal }) => body(api.GET('/v1/jobs/{job}/versions', { signal, params: path(job) })),
  })

/** When and where a stored job runs next. */
export const jobPreviewQuery = (job: string, n = 10) =>
  queryOptions({
    queryKey: [...jobKeys.of(job), 'preview', n],
    queryFn: ({ signal }) =>
      body(api.GET('/v1/jobs/{job}/preview', { signal, params: { path: { job }, query: { n } } })),
  })

/** When and where a definition would run; an error names what is wrong with it. */
export const previewQuery = (job: JobWrite, n = 10) =>
  queryOptions({
    queryKey: ['preview', job, n],
    queryFn: ({ signal }) => body(api.POST('/v1/preview', { signal, body: job, params: { query: { n } } })),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
  })

export type Review = Schemas['RestoreReview']
export type Problem = Schemas['Problem']
export type FieldChange = Review['changes'][number]

const asked = { query: { dry_run: '', problems: '' } }

/** All problems of definitions, and what storing them would change. Stores nothing. */
async function reviewJobs(jobs: JobWrite[], signal?: AbortSignal): Promise<Review> {
  const answer = await body(api.POST('/v1/restore', { signal, body: jobs, params: asked }))
  // A server of an older version ignores `problems`: it refused the first error, and knows no warning.
  return { errors: 0, warnings: 0, problems: [], changes: [], ...(answer as Partial<Review> & Schemas['RestorePlan']) }
}

const asText = { headers: { 'Content-Type': 'application/yaml' }, bodySerializer: (text: unknown) => text as string }

/** All problems of a file of jobs as people write it, in YAML or JSON, each with its line. Stores nothing. */
export const reviewText = async (text: string) =>
  (await body(api.POST('/v1/restore', { body: text, ...asText, params: asked }))) as Review

/** Whether a definition could be stored, and what is wrong with it. Stores nothing. */
export const validityQuery = (job: JobWrite) =>
  queryOptions({
    queryKey: ['validity', job],
    queryFn: ({ signal }) => reviewJobs([job], signal),
    retry: false,
    staleTime: 30_000,
  })

export const createJob = (job: JobWrite & { name: string }) => body(api.POST('/v1/jobs', { body: job }))

export const putJob = (name: string, job: JobWrite) =>
  body(api.PUT('/v1/jobs/{job}', { params: path(name), body: job }))

/** Deletes a job; its running launches continue unless `stop` is set. */
export const deleteJob = (job: string, stop = false) =>
  body(api.DELETE('/v1/jobs/{job}', { params: { path: { job }, query: stop ? { stop: '' } : {} } }))

export const toggleJob = (job: string) => body(api.POST('/v1/jobs/{job}/toggle', { params: path(job) }))

/** Runs a job now; `launch_id` of the answer is the launch. */
export const runJob = (job: string) => body(api.POST('/v1/jobs/{job}/run', { params: path(job) }))

/** Stops a job's running, waiting and queued launches. */
export const stopJob = (job: string, reason?: string) =>
  body(api.POST('/v1/jobs/{job}/stop', { params: { path: { job }, query: { reason } } }))

export const clearHistory = (job: string) => body(api.DELETE('/v1/jobs/{job}/executions', { params: path(job) }))

export const revertJob = (job: string, revision: number) =>
  body(api.POST('/v1/jobs/{job}/versions/{revision}/revert', { params: { path: { job, revision } } }))

export const restoreText = (text: string) => body(api.POST('/v1/restore', { body: text, ...asText }))

/** The fields that a client writes, without the server's own fields and defaults. */
export function definitionOf(job: Job | JobWrite): JobWrite {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(job)) {
    if (!serverFields.has(key) && !isDefault(key, value)) kept[key] = value
  }
  return kept as JobWrite
}

const serverFields = new Set([
  'id',
  'success_count',
  'error_count',
  'last_success',
  'last_error',
  'dependent_jobs',
  'status',
  'next',
  'created_at',
  'updated_at',
  'updated_by',
  'revision',
  'running',
  'queued',
  'launch_id',
  'schedule_text',
  'health',
  'health_since',
  'failure_streak',
  'stopped_count',
  'last_launch',
  'recent_launches',
])

const pairFields = new Set(['tags', 'metadata', 'executor_config', 'processors'])

function isDefault(key: string, value: unknown): boolean {
  if (value === null || value === '' || value === false || value === 0) return true
  if (key === 'concurrency') return value === 'allow'
  if (Array.isArray(value)) return value.length === 0
  // Pairs mean something with an empty value too.
  if (pairFields.has(key)) return Object.keys(value as object).length === 0
  if (typeof value === 'object') return Object.values(value as object).every(v => isDefault('', v))
  return false
}
