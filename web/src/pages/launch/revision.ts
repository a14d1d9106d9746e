import type { Version } from '@/api/jobs'

/** Which version of a job's definition was current at a time; the server does not record it with a launch. */
export type Ran = { version: Version; current: boolean } | 'dropped' | undefined

/**
 * `versions` are those that are kept, newest first. `dropped` if all of them are younger: up to twenty earlier ones are kept.
 */
export function ranAt(versions: readonly Version[], at: Date | undefined): Ran {
  if (!at || versions.length === 0) return undefined
  const version = versions.find(v => Date.parse(v.updated_at) <= at.getTime())
  if (!version) return 'dropped'
  return { version, current: version === versions[0] }
}

const mainKeys: Record<string, string> = { shell: 'command', http: 'url' }

/** What a version does, in one line: its command or its request; empty if its executor is not known. */
export function commandOf({ job: { executor = '', executor_config: config } }: Version): string {
  const text = config?.[mainKeys[executor] ?? '']
  if (!text) return ''
  return executor === 'http' ? `${config?.method || 'GET'} ${text}` : text
}
