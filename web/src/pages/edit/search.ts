import { text } from '@/ui/search'

/** `from` names the job that the new one is a copy of. */
export const newSearch = (search: Record<string, unknown>): { from?: string } => ({ from: text(search, 'from') })
