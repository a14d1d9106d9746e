import type { Member } from '@/api/cluster'
import type { Job, Preview } from '@/api/jobs'

/** A tag that a job wants of its nodes. */
export interface Wanted {
  key: string
  value: string
  /** How many nodes are taken of those that have it; absent is all. */
  count?: number
}

/** `role: web:2` is two nodes whose role is web; a value may have colons itself. */
export function wantedOf(job: Job): Wanted[] {
  return Object.entries(job.tags ?? {}).map(([key, text]) => {
    const [, value, count] = /^(.*):(\d+)$/s.exec(text) ?? []
    return value === undefined ? { key, value: text } : { key, value, count: Number(count) }
  })
}

/** Who is chosen, in words around the names: `2 of`, names, `chosen anew each time`. */
export function choiceOf({ nodes, count, matching }: Preview['targets']): {
  before: string
  names: string[]
  after: string
} {
  if (count < matching.length && nodes.length < count)
    return { before: `${count} of`, names: matching, after: 'chosen anew each time' }
  if (matching.length === 1) return { before: 'On', names: nodes, after: '' }
  return { before: count === matching.length ? `On all ${count}:` : 'On', names: nodes, after: '' }
}

/** How many live nodes have a tag. */
export const having = (members: readonly Member[], { key, value }: Wanted) =>
  members.filter(m => m.statusText === 'alive' && m.Tags?.[key] === value).length
