import { useSyncExternalStore } from 'react'

/** Choices that are kept in this browser. */
interface Preferences {
  /** `local`, or an IANA zone such as `UTC`. */
  zone: string
  /** Rows of a list. */
  pageSize: number
  /** Whether long lines of output are wrapped. */
  wrap: boolean
  /** Lists that have a name, as the pages wrote them. */
  views: unknown
}

const key = 'dkron-preferences'
const defaults: Preferences = { zone: 'local', pageSize: 50, wrap: true, views: [] }

let current = load()
const watchers = new Set<() => void>()

function load(): Preferences {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>) }
  } catch {
    return defaults // no storage, or not ours
  }
}

export const preferences = () => current

export function setPreferences(change: Partial<Preferences>) {
  current = { ...current, ...change }
  try {
    localStorage.setItem(key, JSON.stringify(current))
  } catch {
    // No storage: they last until the page is closed.
  }
  for (const watcher of watchers) watcher()
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences)
}

function subscribe(watcher: () => void) {
  watchers.add(watcher)
  return () => void watchers.delete(watcher)
}

/** The zone that times are shown in, as Intl takes it; undefined is the browser's. */
export const zoneOf = (p: Preferences) => (p.zone === 'local' ? undefined : p.zone)
