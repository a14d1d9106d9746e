import type { Portion } from '@/api/client'

/** Reads a history that grows at its end: all of it once, and then what is new. Times are in milliseconds. */

export interface Source<T> {
  page: (since: string, after: string | undefined) => Promise<Portion<T>>
  /** When it ended; undefined if it has not. */
  endOf: (item: T) => number | undefined
  keyOf: (item: T) => string
}

export interface Told<T> {
  /** What has not ended, newest first, then what has, newest end first. */
  items: T[]
  /** Where what is older begins, if there is more than was asked for. */
  next?: string
  /** When all of it was read, by the clock of the browser. */
  readAt: number
}

const overlap = 10_000 // ms that an end may be told late
const trusted = 60_000 // ms after which all is read again: what was deleted no event tells
const mostNew = 3 // pages of news; if there are more, all is read again

/** What ended since a time, and what has not; `most` items or a few more. */
export async function readHistory<T>(
  source: Source<T>,
  since: number,
  most: number,
  now: number,
  before?: Told<T>,
): Promise<Told<T>> {
  const news = before && now - before.readAt < trusted ? await readNews(source, since, before) : undefined
  if (news) return news
  return { ...(await readOn(source, since, { items: [], readAt: now }, most)), readAt: now }
}

/** More of what is older, until there are `most`. */
export async function readOn<T>(source: Source<T>, since: number, told: Told<T>, most: number): Promise<Told<T>> {
  const items = [...told.items]
  let { next } = told
  do {
    const page = await source.page(new Date(since).toISOString(), next)
    items.push(...page.items)
    next = page.next
  } while (next && items.length < most)
  return { items: unique(items, source), next, readAt: told.readAt }
}

async function readNews<T>(source: Source<T>, since: number, before: Told<T>): Promise<Told<T> | undefined> {
  const newest = before.items.map(source.endOf).find(end => end !== undefined)
  if (newest === undefined) return undefined
  const from = Math.max(since, newest - overlap)
  const fresh = await readOn(source, from, { items: [], readAt: 0 }, 1000 * mostNew)
  if (fresh.next) return undefined
  // What had not ended is told anew, as it stands now.
  const ended = before.items.filter(item => source.endOf(item) !== undefined)
  return { ...before, items: unique([...fresh.items, ...ended], source) }
}

function unique<T>(items: T[], { keyOf }: Source<T>): T[] {
  const known = new Set<string>()
  return items.filter(item => !known.has(keyOf(item)) && known.add(keyOf(item)))
}
