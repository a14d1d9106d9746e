import { memo, type CSSProperties, type Ref } from 'react'
import { clsx } from '@/ui/clsx'
import { bytes } from '@/ui/size'
import type { Style } from './ansi'
import { placesOf } from './find'
import type { Line } from './lines'
import classes from './Row.module.css'
import { segments, type Segment } from './segments'

interface Props {
  line: Line | undefined
  /** The line's revision, so that a change renders. */
  revision: number
  index: number
  /** The number that is shown. */
  number: string
  /** The address of the line; absent for what is none of its own. */
  href: string | undefined
  /** Called with the number of the line among those kept. */
  onNumber: (index: number, extend: boolean) => void
  marked: boolean
  /** The text to find, and the start of the selected match in this line. */
  needle: string
  current: number | undefined
  /** Whether more text may follow. */
  cursor: boolean
  measure?: Ref<HTMLDivElement>
}

/** One line: its number, which is not copied, and its text. */
export const Row = memo(function Row(props: Props) {
  const { line, index, number, href, onNumber, marked, needle, current, cursor, measure } = props
  if (line?.gap !== undefined) {
    return (
      <div ref={measure} data-index={index} className={classes.gap}>
        <span>{bytes(line.gap)} removed</span>
      </div>
    )
  }
  const places = needle && line ? placesOf(line.text, needle) : []
  return (
    <div ref={measure} data-index={index} data-marked={marked || undefined} className={classes.row}>
      {href ? (
        <a
          className={classes.number}
          data-number={number}
          href={href}
          tabIndex={-1}
          aria-hidden="true"
          title="Link to this line; with Shift, to all up to it"
          onClick={event => {
            if (event.metaKey || event.ctrlKey || event.button > 0) return
            event.preventDefault()
            onNumber(index, event.shiftKey)
          }}
        />
      ) : (
        <span className={classes.number} data-number={number} aria-hidden="true" />
      )}
      <span className={classes.text}>
        {line && segments(line, places, needle.length, current).map(s => <Part key={s.at} segment={s} />)}
        {cursor && <span className={classes.cursor} />}
        {'\n'}
      </span>
    </div>
  )
})

function Part({ segment: { text, style, found } }: { segment: Segment }) {
  const shown = style ? (
    <span className={classNames(style)} style={colours(style)}>
      {text}
    </span>
  ) : (
    text
  )
  return found ? <mark data-current={found === 'current' || undefined}>{shown}</mark> : shown
}

const ink = (c: Style['fg']) => (c === undefined ? undefined : typeof c === 'number' ? `var(--ansi-${c})` : c)

function classNames(style: Style): string {
  return clsx(
    style.bold && classes.bold,
    style.dim && classes.dim,
    style.italic && classes.italic,
    style.underline && classes.underline,
    style.strike && classes.strike,
    style.inverse && classes.inverse,
    style.fg !== undefined && (typeof style.fg === 'number' ? classes.ink : classes.foreignInk),
    style.bg !== undefined && classes.paper,
  )
}

/** Custom properties that the style sheet turns into readable colours in either theme. */
function colours(style: Style): CSSProperties | undefined {
  const { fg, bg } = style
  if (fg === undefined && bg === undefined) return undefined
  return { '--ink': ink(fg), '--paper': ink(bg) } as CSSProperties
}
