import { text } from '@/ui/search'

/** What the address of a new job may say: which job it begins as a copy of. */
export const newSearch = (search: Record<string, unknown>): { from?: string } => {
  const from = text(search, 'from')
  return from ? { from } : {}
}
