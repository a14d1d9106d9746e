import { causes, launchStates, type Cause, type LaunchState } from '@/api/launches'
import { defined, listOf, oneOf, whole } from '@/ui/search'

export const tabs = ['overview', 'launches', 'graph', 'versions', 'definition'] as const
export type Tab = (typeof tabs)[number]

interface JobSearch {
  /** Absent is the overview. */
  tab?: Tab
  /** Of the launches that are listed. */
  state?: LaunchState[]
  cause?: Cause[]
  /** The version that is looked at, and the one that it is compared with. */
  revision?: number
  against?: number
  format?: 'yaml'
}

/** What the address of a job's page may say. */
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
