import { useElementSize } from '@mantine/hooks'
import { Icon } from '@/ui/Icon'
import { lookOf } from '@/ui/state'
import { count } from '@/ui/size'
import { clockTime, distance, took } from '@/ui/time'
import { plainReason } from '@/ui/words'
import { isWaiting, labelOf, toneOf, type Entry } from './entry'
import classes from './Tip.module.css'
import { everyOf, jobOf, lasted, manyOf, nodeOf } from './words'

interface Props {
  entry: Entry
  now: number
  zone?: string
  /** The pointer's position in the window. */
  left: number
  top: number
}

const away = 14 // pixels from the pointer

/** The entry under the pointer, or selected by keys. */
export function Tip({ entry, now, zone, left, top }: Props) {
  const { ref, width, height } = useElementSize<HTMLDivElement>()
  const x = left + away + width + 30 > window.innerWidth ? Math.max(8, left - away - width - 30) : left + away
  const y = top + away + height + 30 > window.innerHeight ? top - away - height - 22 : top + away
  const { icon, meaning } = entry.state === undefined ? due : lookOf(entry.state)
  return (
    <div
      ref={ref}
      className={classes.tip}
      style={{ left: x, top: y }}
      data-tone={entry.state === undefined ? 'due' : toneOf(entry)}
      aria-hidden="true"
    >
      <div className={classes.head}>
        <b>{jobOf(entry)}</b>
        <span className={classes.state}>
          <Icon name={icon} size={13} strokeWidth={2.6} />
          {labelOf(entry)}
        </span>
      </div>
      <dl className={classes.facts}>
        {factsOf(entry, now, zone).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={classes.why}>
        {(entry.reason && plainReason(entry.reason, entry.state)) ||
          hint(entry) ||
          (entry.kind === 'ran' && entry.state === 'success' ? '' : meaning)}
      </p>
    </div>
  )
}

/** What a click on a band opens. */
const hint = (e: Entry) =>
  e.kind !== 'due' && e.times && e.times > 1
    ? `Coloured by the worst of them. A click opens the newest that is ${labelOf(e)}.`
    : ''

const due = { icon: 'calendar', meaning: 'It will run then if nothing changes.' } as const

function factsOf(e: Entry, now: number, zone?: string): [string, string][] {
  const at = clockTime(new Date(e.start), zone)
  const node: [string, string] = ['Node', nodeOf(e)]
  if (e.kind === 'due' && e.times)
    return [['From', at], ['To', clockTime(new Date(e.end), zone)], ['Runs', `${count(e.times)}, ${everyOf(e)}`], node]
  if (e.times)
    return [
      ['From', at],
      ['To', clockTime(new Date(e.end), zone)],
      [e.kind === 'ran' ? 'Runs' : 'Launches', manyOf(e)],
      ...(e.node ? [node] : []),
    ]
  if (e.kind === 'due') return [['Due', at], ['', distance(new Date(e.start), now)], node]
  if (e.kind === 'unrun') {
    return e.count && e.count > 1
      ? [
          ['Due', at],
          ['Times', String(e.count)],
        ]
      : [['Due', at]]
  }
  if (isWaiting(e))
    return [
      ['Due', at],
      ['Waiting for', lasted(e, now)],
    ]
  const facts: [string, string][] = [
    ...(e.node ? [node] : []),
    ['Start', at],
    [e.end === Infinity ? 'Running for' : 'Duration', lasted(e, now)],
  ]
  if (e.lateness !== undefined && e.lateness >= 1000) facts.push(['Start delay', took(e.lateness)])
  if (e.attempt !== undefined && e.attempt > 1) facts.push(['Attempt', String(e.attempt)])
  return facts
}
