import { useEffect, useState, useSyncExternalStore } from 'react'
import { Feed } from './Feed'

/**
 * The output of an execution, read for as long as it is shown. Give what uses it the execution's id as its key. What
 * uses this is drawn again when the state changes; use `useVersion` for what shows the lines, which change each frame.
 */
export function useFeed(job: string, id: string): Feed {
  const [feed] = useState(() => new Feed())
  useEffect(() => feed.start(job, id), [feed, job, id])
  useSyncExternalStore(feed.subscribe, () => `${feed.state} ${feed.lines.count > 0}`)
  return feed
}

/** Counts the changes of an output, and draws its user again at each. */
export const useVersion = (feed: Feed) => useSyncExternalStore(feed.subscribe, feed.version)
