import { PlainLink } from '@/ui/link'
import { counted } from '@/ui/size'
import classes from './Chart.module.css'
import { isBad } from './entry'
import { within, type Row } from './rows'
import type { View } from './scale'
import { noNode } from './words'

/** The names of the rows, and what each has in view. */
export function Labels({ rows, by, view }: { rows: Row[]; by: 'job' | 'node'; view: View }) {
  return (
    <ul className={classes.labels} aria-label={by === 'job' ? 'Jobs' : 'Nodes'}>
      {rows.map(row => (
        <li key={row.name} style={{ top: row.top, height: row.height }}>
          <Name name={row.name} by={by} />
          <small>{partsOf(row, view)}</small>
        </li>
      ))}
    </ul>
  )
}

function Name({ name, by }: { name: string; by: 'job' | 'node' }) {
  if (!name) return <span title="Launches that ran nowhere, and due times whose node is chosen then">{noNode}</span>
  return by === 'job' ? (
    <PlainLink to="/jobs/$job" params={{ job: name }} title={name}>
      {name}
    </PlainLink>
  ) : (
    <PlainLink to="/nodes/$node" params={{ node: name }} title={name}>
      {name}
    </PlainLink>
  )
}

function partsOf(row: Row, view: View) {
  const entries = within(row, view)
  const ran = entries.filter(e => e.kind === 'ran').length
  const bad = entries.filter(isBad).length
  const due = entries.filter(e => e.kind === 'due').length
  if (!entries.length) return <i>idle</i>
  return (
    <>
      {ran > 0 && counted(ran, 'run')}
      {ran === 0 && (due > 0 ? `${due} due` : 'did not run')}
      {bad > 0 && <b>{bad} bad</b>}
    </>
  )
}
