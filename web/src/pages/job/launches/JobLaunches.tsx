import { MultiSelect, Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { causes, launchesQuery, launchStates, type Cause, type Launch, type LaunchState } from '@/api/launches'
import { usePreferences } from '@/preferences/preferences'
import { CauseOf } from '@/ui/CauseOf'
import { Empty } from '@/ui/Empty'
import { PlainLink } from '@/ui/link'
import { ListEnd } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { causeWords, failedWord, launchTook, reasonOf } from '@/ui/words'
import classes from './JobLaunches.module.css'

/** The kept launches of a job, filtered by state and cause. */
export function JobLaunches({ job }: { job: Job }) {
  const { state, cause } = useSearch({ from: '/jobs/$job' })
  const { pageSize } = usePreferences()
  const query = useInfiniteQuery(launchesQuery({ job: [job.name], state, cause }, pageSize))
  return (
    <Panel title="Launches" aside={<Filters />} flush>
      <Loaded query={query} what="the launches" lines={8}>
        {({ pages }) => {
          const launches = pages.flatMap(p => p.items)
          if (!launches.length) return <Nothing filtered={!!(state || cause)} />
          return (
            <>
              <List launches={launches} />
              <ListEnd query={query} shown={counted(launches.length, 'launch', 'launches')} />
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

const some = <T,>(list: T[]) => (list.length ? list : undefined)

function Filters() {
  const { state = [], cause = [] } = useSearch({ from: '/jobs/$job' })
  const navigate = useNavigate({ from: '/jobs/$job' })
  const set = (change: { state?: LaunchState[]; cause?: Cause[] }) =>
    void navigate({ search: now => ({ ...now, ...change }), replace: true })
  return (
    <div className={classes.filters}>
      <MultiSelect
        size="xs"
        aria-label="States"
        placeholder={state.length ? undefined : 'Any state'}
        data={launchStates.map(value => ({ value, label: lookOf(value).label }))}
        value={state}
        onChange={list => set({ state: some(list as LaunchState[]) })}
        clearable
      />
      <MultiSelect
        size="xs"
        aria-label="Causes"
        placeholder={cause.length ? undefined : 'Any cause'}
        data={causes.map(value => ({ value, label: causeWords(value) }))}
        value={cause}
        onChange={list => set({ cause: some(list as Cause[]) })}
        clearable
      />
    </div>
  )
}

function List({ launches }: { launches: Launch[] }) {
  const now = useNow()
  return (
    <Table className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Ended</Table.Th>
          <Table.Th visibleFrom="sm">Due</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th visibleFrom="sm">Cause</Table.Th>
          <Table.Th visibleFrom="xs">Targets</Table.Th>
          <Table.Th>Duration</Table.Th>
          <Table.Th visibleFrom="md">Reason</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {launches.map(launch => (
          <Row key={launch.id} launch={launch} now={now} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Row({ launch, now }: { launch: Launch; now: number }) {
  return (
    <Table.Tr>
      <Table.Td>
        <PlainLink to="/launches/$launch" params={{ launch: launch.id }} className={classes.due}>
          <When at={timeOf(launch.ended_at)} as="time" none="not yet" />
        </PlainLink>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <When at={timeOf(launch.scheduled_at)} as="time" />
      </Table.Td>
      <Table.Td>
        <StateBadge state={launch.state} reason={reasonOf(launch)} />
        <div className={classes.below}>{reasonOf(launch)}</div>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <CauseOf launch={launch} />
      </Table.Td>
      <Table.Td visibleFrom="xs">{targetWords(launch)}</Table.Td>
      <Table.Td>{launchTook(launch, now)}</Table.Td>
      <Table.Td visibleFrom="md" className={classes.reason}>
        <Text size="sm" c="dimmed" component="span">
          {[
            reasonOf(launch),
            launch.count > 1 && `covers ${counted(launch.count, 'due time')}`,
            launch.requested_by && `requested by ${launch.requested_by}`,
            launch.stopped_by && `stopped by ${launch.stopped_by}`,
          ]
            .filter(Boolean)
            .join('; ')}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}

function targetWords(launch: Launch): string {
  const { nodes, succeeded, failed } = launch
  if (!nodes) return '–'
  return `${succeeded} of ${nodes}${failed ? `, ${failed} ${failedWord(launch)}` : ''}`
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty icon="filter" title="No launches match">
        Remove a filter to see more.
      </Empty>
    )
  return (
    <Empty icon="flag" title="Not launched yet">
      Each due time and each manual run becomes a launch here. If nothing ran, it says why.
    </Empty>
  )
}
