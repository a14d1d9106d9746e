import { text } from '@/ui/search'

/** The search parameters of a new job: the job to copy. */
export const newSearch = (search: Record<string, unknown>): { from?: string } => {
  const from = text(search, 'from')
  return from ? { from } : {}
}
