import { Button } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type CSSProperties,
  type Ref,
} from 'react'
import { Icon } from '@/ui/Icon'
import { counted } from '@/ui/size'
import type { Feed } from './Feed'
import type { Line, Lines } from './lines'
import { Row } from './Row'
import classes from './Scroll.module.css'
import type { Find } from './useFind'
import { useFollow } from './useFollow'
import type { Marks } from './useMarks'
import { useVersion } from './useFeed'
import { useColumns } from './useColumns'

export interface ScrollHandle {
  show: (line: number) => void
  /** The first visible line. */
  top: () => number
  resume: () => void
}

interface Props {
  feed: Feed
  label: string
  wrap: boolean
  find: Find
  marks: Marks
  handle: Ref<ScrollHandle>
}

const height = 20 // px of a line that is not wrapped

/** The lines of an output; only visible ones are rendered. */
export function Scroll({ feed, label, wrap, find, marks, handle }: Props) {
  useVersion(feed)
  const scroller = useRef<HTMLDivElement>(null)
  const { lines } = feed
  const running = feed.state !== 'ended' && feed.state !== 'failed'
  const count = lines.kept.length + (running && !lines.open ? 1 : 0) // one more for the cursor
  // After a gap the numbers have a plus sign.
  const gutter = Math.max(3, String(lines.count).length + (lines.nextNumber === undefined ? 1 : 0))
  const columns = useColumns(scroller, gutter)

  const estimateSize = useCallback(
    (i: number) => (wrap ? Math.max(1, Math.ceil((lines.kept[i]?.text.length ?? 0) / columns)) * height : height),
    [wrap, columns, lines],
  )
  // eslint-disable-next-line react-hooks/incompatible-library -- its state is read in this component only
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey: i => i + lines.forgotten,
    overscan: 12,
    initialRect: { width: 800, height: 480 },
  })
  useEffect(() => virtual.measure(), [virtual, wrap, columns])
  const size = virtual.getTotalSize()
  const follow = useFollow(scroller, size, lines.count)
  useKeptPlace(scroller, lines.forgotten, follow.following)

  const { following, fresh, stop, resume } = follow
  const show = (line: number) => {
    stop()
    virtual.scrollToIndex(line - lines.forgotten, { align: 'center' })
  }
  const range = marks.range(lines)
  useEffect(() => {
    if (range && marks.arrived()) show(range.from + lines.forgotten)
  })
  useImperativeHandle(handle, () => ({
    show,
    top: () => lines.forgotten + Math.max(0, virtual.getVirtualIndexes()[12] ?? 0),
    resume,
  }))

  const items = virtual.getVirtualItems()
  return (
    <>
      <div
        ref={scroller}
        className={classes.scroller}
        data-wrap={wrap || undefined}
        style={{ '--gutter': `${gutter + 3}ch` } as CSSProperties}
        role="log"
        aria-label={label}
        aria-live="off"
        aria-busy={running}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
        tabIndex={0}
      >
        <div className={classes.all} style={{ height: size }}>
          <div className={classes.seen} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map(item => {
              const line = lines.kept[item.index]
              const number = lines.forgotten + item.index
              return (
                <Row
                  key={item.key}
                  line={line}
                  revision={line?.revision ?? 0}
                  index={item.index}
                  number={numberOf(line, lines)}
                  href={marks.href(line)}
                  onNumber={marks.choose}
                  marked={!!range && item.index >= range.from && item.index <= range.to}
                  needle={find.needle}
                  current={find.current?.line === number ? find.current.at : undefined}
                  cursor={running && item.index === count - 1}
                  measure={wrap ? virtual.measureElement : undefined}
                />
              )
            })}
          </div>
        </div>
      </div>
      {!following && (
        <div className={classes.resume}>
          <Button size="compact-sm" radius="xl" leftSection={<Icon name="chevronDown" size={15} />} onClick={resume}>
            {fresh > 0 && running ? counted(fresh, 'new line') : 'Go to end'}
          </Button>
        </div>
      )}
    </>
  )
}

/** The number of a line; after a gap, how many lines after it. */
function numberOf(line: Line | undefined, lines: Lines): string {
  if (line?.after !== undefined) return `+${line.after}`
  return String((line ? line.number : lines.nextNumber) ?? '')
}

/** Keeps the scroll position when the first lines are dropped. */
function useKeptPlace(scroller: React.RefObject<HTMLElement | null>, forgotten: number, following: boolean) {
  const before = useRef(forgotten)
  useLayoutEffect(() => {
    if (!following) scroller.current?.scrollBy({ top: (before.current - forgotten) * height })
    before.current = forgotten
  }, [scroller, forgotten, following])
}
