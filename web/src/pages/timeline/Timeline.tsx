import { Button, Group, Switch } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { memo, useMemo } from 'react'
import { useZone } from '@/ui/zone'
import { membersQuery } from '@/api/cluster'
import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { Problem } from '@/ui/Problem'
import { localZone } from '@/ui/time'
import { AsTable } from './AsTable'
import { Chart } from './Chart'
import type { Entry } from './entry'
import { crowdOf, firing, firingOn, running } from './crowd'
import { HeatMap } from './HeatMap'
import { Legend } from './Legend'
import { rowsOf } from './rows'
import { minute, spanOf, type View } from './scale'
import type { TimelineSearch } from './search'
import { Summary } from './Summary'
import classes from './Timeline.module.css'
import { Toolbar } from './Toolbar'
import { useEntries } from './useEntries'
import { useMinutes } from './useMinutes'
import { useChange, useView } from './useView'

/** Past and coming runs on one axis, and the load of the next 24 hours. */
export function Timeline() {
  const { goTo } = useGoTo()
  return (
    <Page title="Timeline" below="What ran, what runs and what is due, on one axis.">
      <Picture />
      <HeatMap onPick={goTo} />
    </Page>
  )
}

function useGoTo() {
  const change = useChange()
  return useMemo(
    () => ({
      goTo: (at: number) => {
        void change({ at: new Date(at).toISOString(), span: 900 })
        document.getElementById('content')?.scrollIntoView({ block: 'start' })
        window.scrollTo({ top: 0 })
      },
    }),
    [change],
  )
}

function Picture() {
  const search = useSearch({ from: '/timeline' })
  const change = useChange()
  const zone = useZone()
  const { view, resting, follows, now, moves } = useView()
  const nodes = useNodeNames()
  const { entries, known, error, refetch, readFrom, due, summed, past } = useEntries(search, resting, now)
  const by = search.by ?? 'job'

  const shown = useShown(entries, resting)
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const rows = useMemo(
    () =>
      by === 'job'
        ? rowsOf(shown, by, { phone })
        : rowsOf(entries, by, { names: search.node ? [search.node] : nodes, phone }),
    [entries, shown, by, nodes, search.node, phone],
  )
  const steps = useSteps(entries, now, search)
  const crowd = crowdOf(steps, view)
  return (
    <Panel
      title={<Heading zone={zone} />}
      flush
      aside={
        <Switch
          size="xs"
          label="Table"
          checked={search.table ?? false}
          onChange={event => void change({ table: event.currentTarget.checked || undefined })}
        />
      }
    >
      <Toolbar search={search} span={spanOf(view)} follows={follows} moves={moves} nodes={nodes} />
      <Loaded query={{ data: known || undefined, error, refetch }} what="the timeline" lines={8}>
        {() => (
          <>
            {error && <Problem error={error} what="load all of it" again={() => void refetch()} />}
            <Summary {...{ rows, by, view, crowd, zone, readFrom, due, summed, past, now }} />
            {search.table ? (
              <AsTable rows={rows} by={by} view={view} now={now} />
            ) : (
              <>
                <Chart {...{ rows, by, view, now, moves, crowd, readFrom }} empty={<Nothing search={search} />} />
                <Legend />
              </>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

/**
 * The entries of jobs with something in the view: of many jobs, most are due some time around it. The view is taken by
 * the minute, so that rows do not come and go all the time.
 */
function useShown(entries: Entry[], resting: View): Entry[] {
  const from = Math.floor(resting.from / minute) * minute
  const to = Math.ceil(resting.to / minute) * minute
  return useMemo(() => {
    const jobs = new Set<string>()
    for (const e of entries) if (e.start <= to && e.end >= from) jobs.add(e.job)
    return entries.filter(e => jobs.has(e.job))
  }, [entries, from, to])
}

const Heading = memo(function Heading({ zone }: { zone?: string }) {
  return (
    <>
      Runs and due times <span className={classes.zone}>{zone ?? localZone()}</span>
    </>
  )
})

/** How much happens at the same time. */
function useSteps(entries: Entry[], now: number, search: TimelineSearch) {
  const minutes = useMinutes(search.search).data
  // The counts know no nodes, and with failures only there is nothing due.
  const counted = search.node || search.failed ? undefined : minutes
  const listed = useMemo(() => firing(entries), [entries])
  const firings = useMemo(
    () => (counted ? firingOn(listed, { ...counted, from: Date.parse(counted.from) }) : listed),
    [listed, counted],
  )
  const runs = useMemo(() => running(entries, now), [entries, now])
  return { running: runs, firing: firings }
}

function useNodeNames(): string[] {
  const { data } = useQuery(membersQuery)
  return useMemo(
    () =>
      (data ?? [])
        .filter(m => m.statusText === 'alive')
        .map(m => m.Name)
        .toSorted(),
    [data],
  )
}

function Nothing({ search }: { search: TimelineSearch }) {
  const change = useChange()
  const filtered = search.search || search.node || search.failed
  if (filtered)
    return (
      <Empty
        icon="filter"
        title="No jobs match these filters"
        action={
          <Button
            size="xs"
            variant="default"
            onClick={() => void change({ search: undefined, node: undefined, failed: undefined })}
          >
            Show all
          </Button>
        }
      >
        No matching job ran or is due in this period. Choose a longer period, or remove a filter.
      </Empty>
    )
  return (
    <Empty
      icon="timeline"
      title="Nothing ran or is due in this period"
      action={
        <Group gap="xs" justify="center">
          {(search.at !== undefined || search.span !== undefined) && (
            <Button size="xs" variant="default" onClick={() => void change({ at: undefined, span: undefined })}>
              Now
            </Button>
          )}
          <May verb="write">
            <LinkButton size="xs" to="/new">
              New job
            </LinkButton>
          </May>
        </Group>
      }
    >
      Scheduled jobs appear here with their due times, then with their executions as bars.
    </Empty>
  )
}
