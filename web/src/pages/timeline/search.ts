import { flag, instant, oneOf, text, whole } from '@/ui/search'

export const leastSpan = 60 // seconds
export const mostSpan = 7 * 24 * 3600

/** What the timeline shows; what is absent is as at the first visit. */
export interface TimelineSearch {
  /** The middle of the picture, as an ISO time; absent, it follows the present. */
  at?: string
  /** How many seconds it shows. */
  span?: number
  by?: 'node'
  search?: string
  node?: string
  failed?: true
  table?: true
}

export const timelineSearch = (search: Record<string, unknown>): TimelineSearch => ({
  at: instant(search, 'at'),
  span: whole(search, 'span', leastSpan, mostSpan),
  by: oneOf(search, 'by', ['node']),
  search: text(search, 'search'),
  node: text(search, 'node'),
  failed: flag(search, 'failed'),
  table: flag(search, 'table'),
})
