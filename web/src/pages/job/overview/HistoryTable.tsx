import { Table } from '@mantine/core'
import { PlainLink } from '@/ui/link'
import { StateBadge } from '@/ui/StateBadge'
import { took } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { lengthOf, type Group } from './bars'
import classes from './History.module.css'

/** The chart's data as a table, newest first. */
export function HistoryTable({ groups }: { groups: Group[] }) {
  const now = useNow()
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard
    <section className={classes.table} tabIndex={0} aria-label="Executions, newest first">
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Started</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th>Node</Table.Th>
            <Table.Th>Duration</Table.Th>
            <Table.Th>Start delay</Table.Th>
            <Table.Th>Attempt</Table.Th>
            <Table.Th>Exit code</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups
            .toReversed()
            .flatMap(g => g.bars.toReversed())
            .map(bar => (
              <Table.Tr key={bar.id}>
                <Table.Td>
                  <PlainLink to="/launches/$launch" params={{ launch: bar.launch }}>
                    <When at={bar.started} as="time" />
                  </PlainLink>
                </Table.Td>
                <Table.Td>
                  <StateBadge state={bar.status} reason={bar.error} />
                </Table.Td>
                <Table.Td>
                  <PlainLink to="/nodes/$node" params={{ node: bar.node }}>
                    {bar.node}
                  </PlainLink>
                </Table.Td>
                <Table.Td>{took(lengthOf(bar, now))}</Table.Td>
                <Table.Td>{took(Math.max(0, bar.lateness))}</Table.Td>
                <Table.Td>{bar.attempt}</Table.Td>
                <Table.Td>{bar.exitCode ?? '–'}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
