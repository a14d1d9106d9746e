import { bytes, count, counted } from '@/ui/size'
import type { Execution } from '@/api/executions'
import type { Feed, FeedState } from './Feed'
import { useVersion } from './useFeed'
import classes from './Output.module.css'

const words: Record<FeedState, { tone: string; text: string }> = {
  connecting: { tone: 'wait', text: 'Loading …' },
  live: { tone: 'live', text: 'Live' },
  interrupted: { tone: 'wait', text: 'Connection lost; reconnecting' },
  ended: { tone: 'calm', text: 'Ended' },
  failed: { tone: 'bad', text: 'Can’t be loaded' },
}

/** The size of the output, and what is missing. */
export function Foot({ execution, feed }: { execution: Execution; feed: Feed }) {
  useVersion(feed)
  const { lines, missing, offset } = feed
  const { tone, text } = words[feed.state]
  return (
    <div className={classes.foot}>
      <output data-tone={tone} className={classes.state}>
        <span className={classes.dot} />
        {text}
      </output>
      <span>
        {counted(lines.count, 'line')} · {bytes(Math.max(offset, execution.output_size ?? 0))}
      </span>
      {missing > 0 && <span>{bytes(missing)} removed: servers keep the start and end of long output</span>}
      {lines.forgotten > 0 && (
        <span>The first {count(lines.forgotten)} lines are not shown; the download may have them</span>
      )}
    </div>
  )
}
