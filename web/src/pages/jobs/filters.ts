import { lookOf } from '@/ui/state'
import type { JobsSearch } from './search'

/** One condition of the list, as it is shown, and the change that takes it away. */
interface Chip {
  id: string
  what: string
  value: string
  without: JobsSearch
}

/** A status that the list can be asked for, as its badge reads. */
export const statusLabel = (status: NonNullable<JobsSearch['status']>) =>
  lookOf(status === 'untriggered' ? '' : status).label

/** The conditions of a search but for its words, which stand in the field. */
export function chipsOf(search: JobsSearch): Chip[] {
  const chips: Chip[] = []
  const add = (key: keyof JobsSearch, what: string, value: string | undefined) => {
    if (value !== undefined) chips.push({ id: key, what, value, without: { [key]: undefined } })
  }
  add('status', 'Status', search.status && statusLabel(search.status))
  add('disabled', 'Enabled', search.disabled === undefined ? undefined : search.disabled ? 'no' : 'yes')
  add('owner', 'Owner', search.owner)
  add('executor', 'Executor', search.executor)
  add('parent', 'After', search.parent)
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

/** Takes all conditions away; the order stays. */
export const noFilter: JobsSearch = {
  search: undefined,
  status: undefined,
  disabled: undefined,
  owner: undefined,
  executor: undefined,
  parent: undefined,
  tags: undefined,
  metadata: undefined,
}
