import { useSyncExternalStore } from 'react'

// One clock for the whole page; it ticks once a second while the tab is visible.
let now = Date.now()
const watchers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(watcher: () => void) {
  watchers.add(watcher)
  timer ??= setInterval(() => {
    if (document.visibilityState === 'hidden') return
    now = Date.now()
    for (const w of watchers) w()
  }, 1000)
  return () => {
    watchers.delete(watcher)
    if (watchers.size) return
    clearInterval(timer)
    timer = undefined
  }
}

function read() {
  // It is not ticking yet. Two reads in a row must be equal, or React sees a change.
  if (!timer && Date.now() - now >= 1000) now = Date.now()
  return now
}

/** The time in milliseconds, updated every second. */
export const useNow = () => useSyncExternalStore(subscribe, read)

/** A text made from that time. The component renders again only if the text changes. */
export const useFromNow = (words: (now: number) => string) => useSyncExternalStore(subscribe, () => words(read()))
