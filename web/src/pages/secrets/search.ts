import { defined, flag, text } from '@/ui/search'

interface SecretsSearch {
  /** The secret that is edited. */
  edit?: string
  /** Whether a new one is written. */
  create?: true
}

export function secretsSearch(search: Record<string, unknown>): SecretsSearch {
  return defined({ edit: text(search, 'edit'), create: flag(search, 'create') })
}
