import type { Job } from '@/api/jobs'
import type { Match } from '@/api/notifications'

/** Whether a job is among those that a rule or silence is for, as the server decides it. */
export function matches(
  { jobs, owner, tags, metadata }: Match,
  job: Pick<Job, 'name' | 'owner' | 'tags' | 'metadata'>,
) {
  const has = (want: Record<string, string> | undefined, have: Record<string, string> | null | undefined) =>
    Object.entries(want ?? {}).every(([key, value]) => have?.[key] === value)
  return (
    (!jobs?.length || jobs.some(pattern => fits(pattern, job.name))) &&
    (!owner || owner === job.owner) &&
    has(tags, job.tags) &&
    has(metadata, job.metadata)
  )
}

const part = /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|([*?])|([^])/g

/** Whether a pattern of names with `*`, `?` and `[a-z]` fits a name. */
function fits(pattern: string, name: string): boolean {
  const source = pattern.replace(part, (_all, escaped, not, set, wild, plain) => {
    if (set) return `[${not}${set}]`
    if (wild) return wild === '*' ? '[^/]*' : '[^/]'
    return literal(escaped ?? plain)
  })
  try {
    return new RegExp(`^${source}$`).test(name)
  } catch {
    return false
  }
}

const literal = (text: string) => text.replace(/[$()*+.?[\\\]^{|}/-]/g, '\\$&')

/** The pattern that only one name fits. */
export const patternOf = (name: string) => name.replace(/[*?[\\]/g, '\\$&')
