import { Table, UnstyledButton } from '@mantine/core'
import { useZone } from '@/ui/zone'
import { count, counted } from '@/ui/size'
import { clockTime } from '@/ui/time'
import { busiest, heatRows, typical } from './heat'
import classes from './HeatMap.module.css'
import { dayName } from './ticks'

interface Props {
  from: number
  counts: number[]
  onPick: (at: number) => void
}

const listed = 6
const crowded = 2 // times the typical minute

/** The busiest minutes, advice on spreading jobs, and a table by hour. */
export function Advice({ from, counts, onPick }: Props) {
  const zone = useZone()
  const minutes = busiest(from, counts, listed)
  const middle = typical(counts)
  const much = (minutes[0]?.count ?? 0) >= crowded * Math.max(middle, 1)
  return (
    <div className={classes.advice}>
      <h3>Busiest minutes</h3>
      <ol>
        {minutes.map(({ at, count: n }) => (
          <li key={at}>
            <UnstyledButton className={classes.busy} onClick={() => onPick(at)}>
              <b>{clockTime(new Date(at), zone).slice(11, 16)}</b>
              <span>{dayName(at, zone)}</span>
              <meter min={0} max={minutes[0]!.count} value={n} aria-hidden="true" />
              <em>{counted(n, 'run')}</em>
            </UnstyledButton>
          </li>
        ))}
      </ol>
      <p>
        {middle > 0 ? `Typically ${count(middle)} per minute` : 'No runs in most minutes'}
        {much ? (
          <>
            . To spread a peak, write <code>~</code> in place of a number: <code>0 ~ * * * *</code> runs once an hour,
            at a fixed minute derived from the job’s name.
          </>
        ) : (
          middle > 0 && ', evenly spread'
        )}
      </p>
      <ByHour from={from} counts={counts} />
    </div>
  )
}

function ByHour({ from, counts }: { from: number; counts: number[] }) {
  const zone = useZone()
  return (
    <details className={classes.hours}>
      <summary>Table by hour</summary>
      <Table verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Hour</Table.Th>
            <Table.Th ta="right">Runs</Table.Th>
            <Table.Th ta="right">Busiest minute</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {heatRows(from, counts, zone).map(row => {
            const known = row.counts.filter(n => n !== null)
            return (
              <Table.Tr key={row.at}>
                <Table.Th scope="row">{row.label}</Table.Th>
                <Table.Td ta="right">{count(known.reduce((sum, n) => sum + n, 0))}</Table.Td>
                <Table.Td ta="right">{count(Math.max(...known))}</Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </details>
  )
}
