import { useEffect, useRef, useState } from 'react'
import { setPreferences, usePreferences } from '@/preferences/preferences'
import { useShortcuts } from '@/ui/shortcuts'
import type { Execution } from '@/api/executions'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { Problem } from '@/ui/Problem'
import { Bar } from './Bar'
import { Foot } from './Foot'
import classes from './Output.module.css'
import { Scroll, type ScrollHandle } from './Scroll'
import { useFeed } from './useFeed'
import { useFind } from './useFind'

interface Props {
  execution: Execution
  /** Whether its keys are those of the page: one of several has them. */
  primary: boolean
  onClose?: () => void
}

/** What an execution writes, as it comes. */
export function Output({ execution, primary, onClose }: Props) {
  const feed = useFeed(execution.job_name, execution.id)
  const { wrap } = usePreferences()
  const find = useFind(feed)
  const scroll = useRef<ScrollHandle>(null)
  const [full, setFull] = useState(false)
  useEscape(full, () => setFull(false))

  const go = (step: 1 | -1) => {
    const hit = find.go(step, scroll.current?.top() ?? 0)
    if (hit) scroll.current?.show(hit.line)
  }
  const setWrap = () => setPreferences({ wrap: !wrap })
  const empty = feed.lines.count === 0

  return (
    <section
      className={clsx(classes.output, full && classes.full)}
      aria-label={`${execution.node_name}, attempt ${execution.attempt}`}
    >
      <Bar
        execution={execution}
        feed={feed}
        find={find}
        go={go}
        wrap={wrap}
        setWrap={setWrap}
        full={full}
        setFull={setFull}
        onClose={onClose}
      />
      {execution.error && (
        <p className={classes.error}>
          <Icon name="alert" size={15} />
          <span>{execution.error}</span>
        </p>
      )}
      {feed.error && <Problem error={feed.error} what="read the output" />}
      {empty && feed.state === 'ended' ? (
        <p className={classes.nothing}>It wrote nothing.</p>
      ) : (
        <Scroll
          feed={feed}
          label={`Output of ${execution.node_name}, attempt ${execution.attempt}`}
          wrap={wrap}
          find={find}
          handle={scroll}
        />
      )}
      <Foot execution={execution} feed={feed} />
      {primary && <Keys go={go} wrap={setWrap} full={() => setFull(!full)} end={() => scroll.current?.resume()} />}
    </section>
  )
}

interface KeysProps {
  go: (step: 1 | -1) => void
  wrap: () => void
  full: () => void
  end: () => void
}

function Keys({ go, wrap, full, end }: KeysProps) {
  useShortcuts([
    { keys: 'n', what: 'Next place in the output', action: () => go(1) },
    { keys: 'N', what: 'Previous place in the output', action: () => go(-1) },
    { keys: 'w', what: 'Wrap the output', action: wrap },
    { keys: 'e', what: 'To the end of the output, and follow', action: end },
    { keys: 'f', what: 'Output in the whole window', action: full },
  ])
  return null
}

function useEscape(active: boolean, action: () => void) {
  const newest = useRef(action)
  useEffect(() => {
    newest.current = action
  })
  useEffect(() => {
    if (!active) return
    const hear = (event: KeyboardEvent) => event.key === 'Escape' && newest.current()
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [active])
}
