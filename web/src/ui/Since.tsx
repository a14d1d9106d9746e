import { sinceWords } from './health'
import { useNow } from './useNow'
import { useZone } from './zone'

/** `since 11:46`, or with the day if that was not today. */
export function Since({ at, capital }: { at: Date; capital?: boolean }) {
  const now = useNow()
  const zone = useZone()
  return (
    <>
      {capital ? 'Since' : 'since'} <time dateTime={at.toISOString()}>{sinceWords(at, now, zone)}</time>
    </>
  )
}
