import { Button, Checkbox, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { countReruns, countStops, rerunLaunches, rerunQuery, stopLaunches, stopRerun, type Selection } from '@/api/bulk'
import { timeOf } from '@/api/client'
import { failedStates, launchKeys, openStates } from '@/api/launches'
import { ask, attempt, tell } from '@/ui/act'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { May, useMay } from '@/ui/may'
import { count, counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { askToStop } from '@/ui/stop'
import { When } from '@/ui/When'
import classes from './Launches.module.css'
import { filterOf, type LaunchesSearch } from './search'

const day = 86_400_000
const open = openStates as readonly ('queued' | 'waiting' | 'running')[]

/** What can be done to all launches that match the filters. Each counts first. */
export function Bulk({ search }: { search: LaunchesSearch }) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const may = useMay()
  const [busy, setBusy] = useState<'again' | 'stop'>()
  const refresh = () => void queries.invalidateQueries({ queryKey: launchKeys.lists })

  async function again() {
    const filter = filterOf(search, Date.now())
    const ended = (search.state ?? []).filter(state => !isOpen(state)) as (typeof failedStates)[number][]
    const wanted = {
      ...filter,
      state: ended.length ? ended : [...failedStates],
      since: filter.since ?? new Date(Date.now() - day).toISOString(),
    }
    const found = await attempt('count the launches', () => countReruns(wanted))
    if (!found) return
    if (!found.count) {
      tell(`No launch ${labels(wanted.state)} that has not been run again`)
      return
    }
    let children = false
    const sure = await ask({
      title: `Run ${counted(found.count, 'launch', 'launches')} again?`,
      children: <Again found={found} states={labels(wanted.state)} choose={asked => (children = asked)} />,
      confirm: `Run ${counted(found.count, 'launch', 'launches')} again`,
    })
    if (!sure) return
    const rerun = await attempt('run them again', () => rerunLaunches(wanted, found, children))
    if (!rerun) return
    tell(`Running ${counted(rerun.total, 'launch', 'launches')} again`)
    refresh()
    await navigate({ to: '/launches', search: { rerun: rerun.id } })
  }

  async function stop() {
    const wanted = { ...filterOf(search, Date.now()), state: (search.state ?? []).filter(isOpen) }
    if (!wanted.state.length) wanted.state = [...open]
    const found = await attempt('count the launches', () => countStops(wanted))
    if (!found) return
    if (!found.count) {
      tell(`No launch ${labels(wanted.state)}`)
      return
    }
    askToStop({
      title: `Stop ${counted(found.count, 'launch', 'launches')}?`,
      what: (
        <>
          {found.count === 1 ? 'It is' : 'They are'} of {counted(found.jobs, 'job')}: {names(found)}. Commands are asked
          to end, and killed if they do not. <AsksFirst found={found} />
        </>
      ),
      async stop(reason) {
        const done = await attempt('stop them', () => stopLaunches(wanted, found, reason))
        if (!done) return false
        tell(`Stopping ${counted(done.stopped, 'launch', 'launches')}`)
        refresh()
        return true
      },
    })
  }

  const run = (what: 'again' | 'stop', act: () => Promise<void>) => {
    setBusy(what)
    void act().finally(() => setBusy(undefined))
  }
  const mayRun = may('run', 'all') && (!search.state?.length || search.state.some(state => !isOpen(state)))
  const mayStop = may('stop', 'all') && (!search.state?.length || search.state.some(isOpen))
  return (
    <>
      {mayRun && (
        <Button
          variant="default"
          leftSection={<Icon name="rerun" size={16} />}
          loading={busy === 'again'}
          onClick={() => run('again', again)}
        >
          Run again…
        </Button>
      )}
      {mayStop && (
        <Button
          variant="default"
          c="var(--bad)"
          leftSection={<Icon name="stop" size={16} />}
          loading={busy === 'stop'}
          onClick={() => run('stop', stop)}
        >
          Stop…
        </Button>
      )}
    </>
  )
}

const isOpen = (state: string): state is (typeof open)[number] => (open as readonly string[]).includes(state)

const labels = (list: readonly string[]) => list.map(state => lookOf(state as 'failed').label.toLowerCase()).join(', ')

/** The jobs of the first launches, each once. */
function names({ launches, jobs }: Selection): string {
  const shown = [...new Set(launches.map(launch => launch.job))]
  return shown.join(', ') + (jobs > shown.length ? ` and ${count(jobs - shown.length)} more` : '')
}

/** The jobs among them that are set to ask first: a question about many must not hide them. */
function AsksFirst({ found: { jobs, confirm } }: { found: Selection }) {
  if (!confirm.count) return null
  const rest = confirm.count - confirm.jobs.length
  const one = confirm.count === 1
  const which = jobs === 1 ? 'The job' : `${count(confirm.count)} of the ${count(jobs)} jobs`
  return (
    <strong className={classes.asks}>
      {which} {one ? 'is' : 'are'} set to ask before {one ? 'it is' : 'they are'} started or stopped:{' '}
      {confirm.jobs.join(', ')}
      {rest > 0 && ` and ${count(rest)} more`}.
    </strong>
  )
}

interface AgainProps {
  found: Selection
  states: string
  choose: (children: boolean) => void
}

/** What is run again, and whether the jobs that depend on it follow. */
function Again({ found, states: how, choose }: AgainProps) {
  return (
    <>
      <Text size="sm">
        {counted(found.count, 'launch', 'launches')} of {counted(found.jobs, 'job')} ({how}) between{' '}
        <When at={timeOf(found.since)} as="time" /> and <When at={timeOf(found.until)} as="time" />: {names(found)}.
      </Text>
      <Text size="sm" mt="xs">
        Each becomes a new launch of the job as it is now. Those that were run again before are left out. Jobs that
        don’t run in parallel wait for one to end before the next.
      </Text>
      <Text size="sm" mt="xs">
        <AsksFirst found={found} />
      </Text>
      <Checkbox mt="sm" label="Run dependent jobs too" onChange={event => choose(event.currentTarget.checked)} />
    </>
  )
}

/** How far a rerun has come, where its launches are listed. */
export function RerunBar({ number }: { number: number }) {
  const queries = useQueryClient()
  const { data: rerun } = useQuery(rerunQuery(number))
  if (!rerun) return null
  const stop = () =>
    askToStop({
      title: `Stop run again ${number}?`,
      what: `${counted(rerun.left, 'launch', 'launches')} will not be run again. Those that have started continue.`,
      async stop(reason) {
        const done = await attempt('stop it', () => stopRerun(number, reason))
        if (!done) return false
        tell('Stopped')
        void queries.invalidateQueries({ queryKey: launchKeys.lists })
        return true
      },
    })
  return (
    <div className={classes.rerun} role="status">
      <Text size="sm">
        {rerun.state === 'running' ? 'Running again' : rerun.state === 'stopped' ? 'Stopped' : 'Ran again'}:{' '}
        {count(rerun.launched)} of {counted(rerun.total, 'launch', 'launches')}
        {rerun.gone > 0 && `, ${count(rerun.gone)} no longer there`}, requested by {rerun.requested_by}.{' '}
        <Link to="/launches" search={{}} underline="always">
          Show all launches
        </Link>
      </Text>
      {rerun.state === 'running' && (
        <May verb="stop" all>
          <Button size="xs" variant="default" onClick={stop}>
            Stop
          </Button>
        </May>
      )}
    </div>
  )
}
