import { useSyncExternalStore } from 'react'

// One clock for all of the page: it moves once a second while somebody looks.
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
  // Nobody moves it yet. Two reads in a row have to be the same, or React takes it for a change.
  if (!timer && Date.now() - now >= 1000) now = Date.now()
  return now
}

/** The time in milliseconds, that moves every second. */
export const useNow = () => useSyncExternalStore(subscribe, read)

/** A text made from that time. Its component is drawn again only if the text is another one. */
export const useFromNow = (words: (now: number) => string) => useSyncExternalStore(subscribe, () => words(read()))
