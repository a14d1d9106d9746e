import type { Portion } from '@/api/client'

/** Loads a history that grows at its end: all of it once, then what is new. Times are in milliseconds. */

export interface Source<T> {
  page: (since: string, after: string | undefined) => Promise<Portion<T>>
  /** When it ended; undefined if it has not. */
  endOf: (item: T) => number | undefined
  keyOf: (item: T) => string
}

export interface Loaded<T> {
  /** Open items, newest first, then ended ones, newest end first. */
  items: T[]
  /** The cursor of older items, if there are more. */
  next?: string
  /** When all of it was loaded, by the browser's clock. */
  readAt: number
}

const overlap = 10_000 // ms that an end may be reported late
const trusted = 60_000 // ms after which all is loaded again: no event reports deletions
const mostNew = 3 // pages of new items; beyond, all is loaded again

/** Items that ended since a time, and open ones; `most` items or a few more. */
export async function readHistory<T>(
  source: Source<T>,
  since: number,
  most: number,
  now: number,
  before?: Loaded<T>,
): Promise<Loaded<T>> {
  const news = before && now - before.readAt < trusted ? await readNews(source, since, before) : undefined
  if (news) return news
  return { ...(await readOn(source, since, { items: [], readAt: now }, most)), readAt: now }
}

/** Loads older items until there are `most`. */
export async function readOn<T>(source: Source<T>, since: number, loaded: Loaded<T>, most: number): Promise<Loaded<T>> {
  const items = [...loaded.items]
  let { next } = loaded
  do {
    const page = await source.page(new Date(since).toISOString(), next)
    items.push(...page.items)
    next = page.next
  } while (next && items.length < most)
  return { items: unique(items, source), next, readAt: loaded.readAt }
}

async function readNews<T>(source: Source<T>, since: number, before: Loaded<T>): Promise<Loaded<T> | undefined> {
  const newest = before.items.map(source.endOf).find(end => end !== undefined)
  if (newest === undefined) return undefined
  const from = Math.max(since, newest - overlap)
  const fresh = await readOn(source, from, { items: [], readAt: 0 }, 1000 * mostNew)
  if (fresh.next) return undefined
  // Open items are loaded again, with their current state.
  const ended = before.items.filter(item => source.endOf(item) !== undefined)
  return { ...before, items: unique([...fresh.items, ...ended], source) }
}

function unique<T>(items: T[], { keyOf }: Source<T>): T[] {
  const known = new Set<string>()
  return items.filter(item => !known.has(keyOf(item)) && known.add(keyOf(item)))
}
