import type { AuditFilter, AuditKind } from '@/api/audit'
import { defined, flag, oneOf, text } from '@/ui/search'
import { kindWords } from './words'

/** Lengths of periods up to now, in milliseconds. */
const periods = { day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const

export type Period = keyof typeof periods

/** The filters of the audit. */
export interface AuditSearch {
  who?: string
  kind?: AuditKind
  job?: string
  period?: Period
  refused?: true
}

export function auditSearch(search: Record<string, unknown>): AuditSearch {
  return defined({
    who: text(search, 'who'),
    kind: oneOf(search, 'kind', Object.keys(kindWords) as AuditKind[]),
    job: text(search, 'job'),
    period: oneOf(search, 'period', Object.keys(periods) as Period[]),
    refused: flag(search, 'refused'),
  })
}

const grain = 300_000 // ms; the start of a period moves in such steps, so that the query does not change every second

/** The request to the server. */
export function filterOf({ period, ...search }: AuditSearch, now: number): AuditFilter {
  if (!period) return search
  return { ...search, from: new Date(Math.floor((now - periods[period]) / grain) * grain).toISOString() }
}
