import { ActionIcon, Tooltip } from '@mantine/core'
import { Copy } from '@/ui/Copy'
import { Icon } from '@/ui/Icon'
import type { Feed } from './Feed'
import classes from './Output.module.css'
import { markWords } from './place'
import type { Marks } from './useMarks'
import { useVersion } from './useFeed'

/** Which lines are marked, and their address. */
export function Marked({ marks, feed }: { marks: Marks; feed: Feed }) {
  useVersion(feed)
  const { mark } = marks
  if (!mark) return null
  const words = markWords(mark, feed.lines)
  const missing = feed.state === 'ended' && !marks.range(feed.lines)
  return (
    <div className={classes.marked}>
      <output aria-label="Marked lines">
        {words.charAt(0).toUpperCase() + words.slice(1)}
        {missing && ': not kept by the server'}
      </output>
      <Copy text={new URL(marks.address, window.location.href).href} label={`Copy link to ${words}`} />
      <Tooltip label="Remove the mark">
        <ActionIcon aria-label="Remove the mark" size={24} onClick={marks.clear}>
          <Icon name="cross" size={15} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
