import {
  badStates,
  causes,
  launchStates,
  notRunStates,
  openStates,
  type Cause,
  type LaunchFilter,
  type LaunchState,
} from '@/api/launches'
import { recentFailures } from '@/ui/failures'
import { defined, instant, listOf, oneOf, text, whole } from '@/ui/search'
import { sameSearch } from '@/ui/views/views'

/** Lengths of periods up to now, in milliseconds. */
const periods = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const

export type Period = keyof typeof periods

/** The filters of the list of launches. */
export interface LaunchesSearch {
  state?: LaunchState[]
  cause?: Cause[]
  job?: string
  period?: Period
  /** Instants; only without a period. */
  since?: string
  until?: string
  /** The number of the rerun that made them. */
  rerun?: number
  /** Whether it is grouped by job; without it, the filters decide. */
  group?: 'job' | 'none'
}

export function launchesSearch(search: Record<string, unknown>): LaunchesSearch {
  const period = oneOf(search, 'period', Object.keys(periods) as Period[])
  return defined({
    state: listOf(search, 'state', launchStates),
    cause: listOf(search, 'cause', causes),
    job: text(search, 'job'),
    period,
    since: period ? undefined : instant(search, 'since'),
    until: period ? undefined : instant(search, 'until'),
    rerun: whole(search, 'rerun', 1, Number.MAX_SAFE_INTEGER),
    group: oneOf(search, 'group', ['job', 'none']),
  })
}

const grain = 300_000 // ms; the start of a period moves in such steps, so that the query does not change every second

/** The request to the server. */
export function filterOf(search: LaunchesSearch, now: number): LaunchFilter {
  const since = search.period && new Date(Math.floor((now - periods[search.period]) / grain) * grain).toISOString()
  return {
    job: search.job ? [search.job] : undefined,
    state: search.state,
    cause: search.cause,
    since: since ?? search.since,
    until: search.until,
    rerun: search.rerun,
  }
}

/**
 * Whether a list is grouped by job unless the reader says otherwise: if it asks only for what failed or did not run. Then the
 * question is which jobs, and one noisy job would fill the list. Of a single job, or of a rerun, it is which launches.
 */
export const groupsByDefault = ({ state, job, rerun }: LaunchesSearch) =>
  !job && !rerun && !!state?.length && state.every(s => badStates.includes(s) || notRunStates.includes(s))

export const isGrouped = (search: LaunchesSearch) =>
  search.group === undefined ? groupsByDefault(search) : search.group === 'job'

/** Common filters. */
export const views: readonly { label: string; search: LaunchesSearch }[] = [
  { label: 'All', search: {} },
  { label: 'Running or waiting', search: { state: [...openStates] } },
  { label: 'Recent failures', search: recentFailures },
  { label: 'Did not run', search: { state: [...notRunStates] } },
]

/** Whether two searches are for the same launches. */
export const samePicked = (a: LaunchesSearch, b: LaunchesSearch) =>
  same({ ...a, group: undefined }, { ...b, group: undefined })

/** Whether two searches are for the same. */
export const same = (a: LaunchesSearch, b: LaunchesSearch) =>
  sameSearch(launchesSearch({ ...a }), launchesSearch({ ...b }))
