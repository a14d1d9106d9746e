import { PlainLink } from '@/ui/link'
import { count, counted } from '@/ui/size'
import classes from './Chart.module.css'
import { isBad, isWaiting, timesIn, type Entry } from './entry'
import { dueIn, within, type Row } from './rows'
import type { View } from './scale'
import { noNode } from './words'

/** The names of the rows, with counts of their visible entries. */
export function Labels({ rows, by, view }: { rows: Row[]; by: 'job' | 'node'; view: View }) {
  return (
    <ul className={classes.labels} aria-label={by === 'job' ? 'Jobs' : 'Nodes'}>
      {rows.map(row => (
        <li key={row.name} style={{ top: row.top, height: row.height }}>
          <Name row={row} by={by} />
          <small>{partsOf(row, view)}</small>
        </li>
      ))}
    </ul>
  )
}

function Name({ row: { name, label }, by }: { row: Row; by: 'job' | 'node' }) {
  if (!name && by === 'job') return <span title="Jobs with too many runs to tell them apart">Several jobs</span>
  if (!name)
    return <span title="Launches that ran on no node, and due times whose node is chosen at launch">{noNode}</span>
  return by === 'job' ? (
    <PlainLink to="/jobs/$job" params={{ job: name }} title={name}>
      {label}
    </PlainLink>
  ) : (
    <PlainLink to="/nodes/$node" params={{ node: name }} title={name}>
      {name}
    </PlainLink>
  )
}

function partsOf(row: Row, view: View) {
  const entries = within(row, view)
  const now = Date.now()
  const sum = (kind: Entry['kind'], of = (e: Entry) => e.times ?? 1) =>
    entries.reduce((n, e) => (e.kind === kind ? n + timesIn(e, view.from, view.to, of(e)) : n), 0)
  const waiting = sum('ran', e => (isWaiting(e) ? 1 : 0))
  const [ran, unrun] = [sum('ran') - waiting, sum('unrun')]
  const due = dueIn(row, view, now)
  // A lost run may have succeeded. A band has the worst state of its runs, and failed ones are worse.
  const bad = (lost: boolean) => sum('ran', e => ((e.state === 'lost') === lost ? (e.bad ?? (isBad(e) ? 1 : 0)) : 0))
  const [failed, lost] = [bad(false), bad(true)]
  if (!entries.length) return 'idle'
  return (
    <>
      {failed > 0 && <b>{count(failed)} failed</b>}
      {lost > 0 && <span>{count(lost)} lost</span>}
      {unrun > 0 && <span>{count(unrun)} not run</span>}
      {waiting > 0 && <span>{count(waiting)} waiting</span>}
      {ran > failed + lost && <span>{counted(ran, 'run')}</span>}
      {ran + unrun + waiting === 0 && <span>{count(due)} due</span>}
    </>
  )
}
