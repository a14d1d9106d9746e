import { useEffect, useRef, useState } from 'react'
import { setPreferences, usePreferences } from '@/preferences/preferences'
import { useShortcuts } from '@/ui/shortcuts'
import { statusOf, type Execution } from '@/api/executions'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { Problem } from '@/ui/Problem'
import { lookOf } from '@/ui/state'
import { plainReason } from '@/ui/words'
import { Bar } from './Bar'
import { Foot } from './Foot'
import classes from './Output.module.css'
import { Scroll, type ScrollHandle } from './Scroll'
import { useFeed } from './useFeed'
import { Marked } from './Marked'
import type { Mark } from './place'
import { useFind } from './useFind'
import { useMarks } from './useMarks'

interface Props {
  execution: Execution
  /** Whether it has the page's shortcuts: one of several does. */
  primary: boolean
  /** Which of the shown outputs it is, the marked lines, and the page's address with these outputs. */
  index: number
  mark?: Mark
  setMark: (mark: Mark | undefined) => void
  address: string
  onClose?: () => void
}

/** The live output of an execution. */
export function Output({ execution, primary, index, mark, setMark, address, onClose }: Props) {
  const feed = useFeed(execution.job_name, execution.id)
  const { wrap } = usePreferences()
  const find = useFind(feed)
  const marks = useMarks(feed, mark, index, address, setMark)
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
        markTop={() => marks.choose((scroll.current?.top() ?? 0) - feed.lines.forgotten, false)}
        onClose={onClose}
      />
      {mark && <Marked marks={marks} feed={feed} />}
      {execution.error && (
        <p className={classes.error} data-tone={lookOf(statusOf(execution)).tone}>
          <Icon name="alert" size={15} />
          <span>{plainReason(execution.error, statusOf(execution))}</span>
        </p>
      )}
      {feed.error && <Problem error={feed.error} what="read the output" />}
      {empty && feed.state === 'ended' ? (
        <p className={classes.nothing}>
          {statusOf(execution) === 'lost' ? 'No output was received from the node' : 'No output'}
        </p>
      ) : (
        <Scroll
          feed={feed}
          label={`Output of ${execution.node_name}, attempt ${execution.attempt}`}
          wrap={wrap}
          find={find}
          marks={marks}
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
    { keys: 'n', what: 'Next match in the output', action: () => go(1) },
    { keys: 'N', what: 'Previous match in the output', action: () => go(-1) },
    { keys: 'w', what: 'Wrap long lines', action: wrap },
    { keys: 'e', what: 'Follow the end of the output', action: end },
    { keys: 'f', what: 'Output in full window', action: full },
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
