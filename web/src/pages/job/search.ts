import { causes, launchStates, type Cause, type LaunchState } from '@/api/launches'
import { defined, listOf, oneOf, whole } from '@/ui/search'

export const tabs = ['overview', 'launches', 'graph', 'versions', 'definition'] as const
export type Tab = (typeof tabs)[number]

interface JobSearch {
  /** Absent is the overview. */
  tab?: Tab
  /** Filters of the launches. */
  state?: LaunchState[]
  cause?: Cause[]
  /** The version shown, and the one to compare with. */
  revision?: number
  against?: number
  format?: 'yaml'
}

/** The search parameters of a job's page. */
export function jobSearch(search: Record<string, unknown>): JobSearch {
  return defined({
    tab: oneOf(search, 'tab', tabs),
    state: listOf(search, 'state', launchStates),
    cause: listOf(search, 'cause', causes),
    revision: whole(search, 'revision', 0, Number.MAX_SAFE_INTEGER),
    against: whole(search, 'against', 0, Number.MAX_SAFE_INTEGER),
    format: oneOf(search, 'format', ['yaml']),
  })
}
