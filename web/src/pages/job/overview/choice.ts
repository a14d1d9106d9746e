import type { Member } from '@/api/cluster'
import type { Preview } from '@/api/jobs'
import type { Wanted } from '@/ui/words'

/** The selected nodes, with words around the names: `2 of`, names, `chosen at each launch`. */
export function choiceOf({ nodes, count, matching }: Preview['targets']): {
  before: string
  names: string[]
  after: string
} {
  if (count < matching.length && nodes.length < count)
    return { before: `${count} of`, names: matching, after: 'chosen at each launch' }
  if (matching.length === 1) return { before: 'On', names: nodes, after: '' }
  return { before: count === matching.length ? `On all ${count}:` : 'On', names: nodes, after: '' }
}

/** How many live nodes have a tag. */
export const having = (members: readonly Member[], { key, value }: Wanted) =>
  members.filter(m => m.statusText === 'alive' && m.Tags?.[key] === value).length
