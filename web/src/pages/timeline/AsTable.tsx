import { Button, Table, Text } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useZone } from '@/ui/zone'
import { Link } from '@/ui/link'
import { count } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import { clockTime } from '@/ui/time'
import type { Entry } from './entry'
import { within, type Row } from './rows'
import type { View } from './scale'
import classes from './Timeline.module.css'
import { everyOf, jobOf, lasted, manyOf, nodeOf, noNode } from './words'

const portion = 100

/** The chart's data as a table: row by row, each in order of time. */
export function AsTable({ rows, by, view, now }: { rows: Row[]; by: 'job' | 'node'; view: View; now: number }) {
  const [shown, setShown] = useState(portion)
  const all = useMemo(() => linesOf(rows, view, now), [rows, view, now])
  return (
    <>
      {/* A box that scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes.table} role="region" aria-label="Runs and due times" tabIndex={0}>
        <Table stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{by === 'job' ? 'Job' : 'Node'}</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Start</Table.Th>
              <Table.Th>Duration</Table.Th>
              <Table.Th>{by === 'job' ? 'Node' : 'Job'}</Table.Th>
              <Table.Th>Launch</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.slice(0, shown).map(([row, entry]) => (
              <Line key={entry?.key ?? row.name} row={row} entry={entry} by={by} now={now} />
            ))}
          </Table.Tbody>
        </Table>
        {all.length === 0 && (
          <Text size="sm" c="dimmed" ta="center" p="lg">
            Nothing ran or is due in this period.
          </Text>
        )}
      </div>
      {all.length > shown && (
        <div className={classes.more}>
          <Button size="xs" variant="default" onClick={() => setShown(shown + portion)}>
            Show {portion} more of {count(all.length)}
          </Button>
        </div>
      )}
    </>
  )
}

/** An idle row has a line without an entry. */
function linesOf(rows: Row[], view: View, now: number): [Row, Entry | undefined][] {
  return rows.flatMap(row => {
    const entries = within(row, view).filter(e => e.kind !== 'due' || e.end >= now)
    return (entries.length ? entries : [undefined]).map((e): [Row, Entry | undefined] => [row, e])
  })
}

function Line({ row, entry, by, now }: { row: Row; entry?: Entry; by: 'job' | 'node'; now: number }) {
  const zone = useZone()
  const name =
    by === 'job' ? <JobLink job={row.name} label={row.label} /> : row.name ? <NodeLink node={row.name} /> : noNode
  if (!entry)
    return (
      <Table.Tr>
        <Table.Th scope="row">{name}</Table.Th>
        <Table.Td colSpan={5} c="dimmed">
          idle
        </Table.Td>
      </Table.Tr>
    )
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>
        {entry.state === undefined ? (
          ['due', everyOf(entry)].filter(Boolean).join(' ')
        ) : (
          <StateBadge state={entry.state} reason={entry.reason} />
        )}
        {entry.state !== undefined && entry.times && ` ${manyOf(entry)}`}
      </Table.Td>
      <Table.Td>
        {clockTime(new Date(entry.start), zone)}
        {entry.times && ` – ${clockTime(new Date(entry.end), zone)}`}
      </Table.Td>
      <Table.Td>{lasted(entry, now) || '–'}</Table.Td>
      <Table.Td>
        {by === 'node' ? (
          entry.job ? (
            <JobLink job={entry.job} label={jobOf(entry)} />
          ) : (
            jobOf(entry)
          )
        ) : entry.node ? (
          <NodeLink node={entry.node} />
        ) : (
          nodeOf(entry)
        )}
      </Table.Td>
      <Table.Td>
        {entry.launch ? (
          <Link to="/launches/$launch" params={{ launch: entry.launch }} inherit>
            launch
          </Link>
        ) : (
          '–'
        )}
      </Table.Td>
    </Table.Tr>
  )
}

const JobLink = ({ job, label }: { job: string; label: string }) => (
  <Link to="/jobs/$job" params={{ job }} inherit>
    {label}
  </Link>
)

const NodeLink = ({ node }: { node: string }) => (
  <Link to="/nodes/$node" params={{ node }} inherit>
    {node}
  </Link>
)
