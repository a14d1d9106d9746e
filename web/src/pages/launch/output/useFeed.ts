import { useEffect, useState, useSyncExternalStore } from 'react'
import { Feed } from './Feed'

/** The output of an execution, read for as long as it is shown. Give what uses it the execution's id as its key. */
export function useFeed(job: string, id: string): { feed: Feed; version: number } {
  const [feed] = useState(() => new Feed())
  useEffect(() => feed.start(job, id), [feed, job, id])
  const version = useSyncExternalStore(feed.subscribe, feed.version)
  return { feed, version }
}
