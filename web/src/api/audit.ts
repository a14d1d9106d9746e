import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api, body, urlOf, type Schemas } from './client'

export type AuditRecord = Schemas['AuditRecord']
export type AuditKind = Schemas['AuditKind']

export interface AuditFilter {
  who?: string
  kind?: AuditKind
  job?: string
  from?: string
  refused?: true
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: async ({ signal, pageParam }) => {
      const page = await body(
        api.GET('/v1/audit', { signal, params: { query: { ...filter, limit: 50, before: pageParam } } }),
      )
      return page as Exclude<typeof page, string> // which it is with a format only
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
    placeholderData: keepPreviousData,
  })

/** The address of all records that a filter selects, as lines of JSON. */
export const auditExport = ({ refused, ...filter }: AuditFilter) =>
  urlOf('v1/audit', { ...filter, refused: refused && 'true', format: 'ndjson' })
