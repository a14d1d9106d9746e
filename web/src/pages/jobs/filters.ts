import { lookOf } from '@/ui/state'
import type { JobsSearch } from './search'

/** One filter of the list, and the change that removes it. */
interface Chip {
  id: string
  what: string
  value: string
  without: JobsSearch
}

/** A status to filter by, as its badge reads. */
export const statusLabel = (status: NonNullable<JobsSearch['status']>) =>
  lookOf(status === 'untriggered' ? '' : status).label

/** The filters of a search, without its words, which the search field shows. */
export function chipsOf(search: JobsSearch): Chip[] {
  const chips: Chip[] = []
  const add = (key: keyof JobsSearch, what: string, value: string | undefined) => {
    if (value !== undefined) chips.push({ id: key, what, value, without: { [key]: undefined } })
  }
  add('health', 'State', search.health?.map(word => lookOf(word).label).join(' or '))
  add('running', 'Running', search.running ? 'yes' : undefined)
  add('status', 'Status', search.status && statusLabel(search.status))
  add('disabled', 'Enabled', search.disabled === undefined ? undefined : search.disabled ? 'no' : 'yes')
  add('owner', 'Owner', search.owner)
  add('executor', 'Executor', search.executor)
  add('parent', 'Parent', search.parent)
  return [...chips, ...pairChips(search, 'tags', 'Tag'), ...pairChips(search, 'metadata', 'Metadata')]
}

function pairChips(search: JobsSearch, key: 'tags' | 'metadata', what: string): Chip[] {
  const pairs = Object.entries(search[key] ?? {})
  return pairs.map(([name, value]) => {
    const rest = pairs.filter(([other]) => other !== name)
    return {
      id: `${key} ${name}`,
      what,
      value: `${name}=${value}`,
      without: { [key]: rest.length ? Object.fromEntries(rest) : undefined },
    }
  })
}

/** Removes all filters; the order stays. */
export const noFilter: JobsSearch = {
  search: undefined,
  health: undefined,
  running: undefined,
  status: undefined,
  disabled: undefined,
  owner: undefined,
  executor: undefined,
  parent: undefined,
  tags: undefined,
  metadata: undefined,
}
