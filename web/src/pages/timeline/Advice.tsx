import { Table, UnstyledButton } from '@mantine/core'
import { useZone } from '@/ui/zone'
import { count, counted } from '@/ui/size'
import { clockTime } from '@/ui/time'
import { busiest, heatRows, usual } from './heat'
import classes from './HeatMap.module.css'
import { dayName } from './ticks'

interface Props {
  from: number
  counts: number[]
  onPick: (at: number) => void
}

const listed = 6
const crowded = 2 // times what is usual

/** The busiest minutes in words, what to do about them, and the hours as a table. */
export function Advice({ from, counts, onPick }: Props) {
  const zone = useZone()
  const minutes = busiest(from, counts, listed)
  const middle = usual(counts)
  const much = (minutes[0]?.count ?? 0) >= crowded * Math.max(middle, 1)
  return (
    <div className={classes.advice}>
      <h3>The busiest minutes</h3>
      <ol>
        {minutes.map(({ at, count: n }) => (
          <li key={at}>
            <UnstyledButton className={classes.busy} onClick={() => onPick(at)}>
              <b>{clockTime(new Date(at), zone).slice(11, 16)}</b>
              <span>{dayName(at, zone)}</span>
              <meter min={0} max={minutes[0]!.count} value={n} aria-hidden="true" />
              <em>{counted(n, 'fire')}</em>
            </UnstyledButton>
          </li>
        ))}
      </ol>
      <p>
        {middle > 0 ? `Usual is ${count(middle)} a minute. ` : 'In most minutes nothing fires. '}
        {much ? (
          <>
            To spread a crowd, write <code>~</code> in place of a number: <code>0 ~ * * * *</code> fires once an hour,
            at a minute that is made from the job’s name and stays the same.
          </>
        ) : (
          'That is well spread.'
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
      <summary>By the hour, as a table</summary>
      <Table verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Hour</Table.Th>
            <Table.Th ta="right">Fires</Table.Th>
            <Table.Th ta="right">Most in a minute</Table.Th>
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
