import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { clusterQuery, minutesQuery } from '@/api/cluster'
import { timeOf } from '@/api/client'
import { runningQuery } from '@/api/executions'
import { healthQuery } from '@/api/jobs'
import { PlainLink } from '@/ui/link'
import { count, counted, percent } from '@/ui/size'
import { distance } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { nameOf } from '@/ui/words'
import { dueJobsQuery } from './dueJobs'
import { healthOf } from './health'
import classes from './Overview.module.css'

/** The most important figures. */
export function Tiles() {
  return (
    <div className={classes.tiles}>
      <Servers />
      <Agents />
      <Running />
      <Failing />
      <Next />
    </div>
  )
}

function Servers() {
  const { data } = useQuery(clusterQuery)
  const health = data && healthOf(data)
  return (
    <PlainLink to="/nodes" className={classes.tile}>
      <Figure
        name="Leader"
        value={data?.leader || (data ? 'none' : '…')}
        tone={data?.leader ? undefined : health?.tone}
        noteTone={health?.tone}
        note={health?.note}
      />
    </PlainLink>
  )
}

function Agents() {
  const { data } = useQuery(clusterQuery)
  const agents = data?.agents
  const failed = agents ? agents.failed : 0
  return (
    <PlainLink to="/nodes" className={classes.tile}>
      <Figure
        name="Agents"
        value={agents ? count(agents.alive) : '…'}
        noteTone={failed ? 'bad' : undefined}
        note={failed ? `${count(failed)} offline` : 'plus servers'}
      />
    </PlainLink>
  )
}

function Running() {
  const { data } = useQuery(runningQuery)
  const more = data?.next ? '+' : ''
  const nodes = new Set(data?.items.map(e => e.node_name)).size
  return (
    <PlainLink to="/launches" search={{ state: ['running'] }} className={classes.tile}>
      <Figure
        name="Running now"
        value={data ? `${count(data.items.length)}${more}` : '…'}
        tone={data?.items.length ? 'live' : undefined}
        note={
          data?.items.length
            ? `${data.items.length === 1 ? 'execution' : 'executions'} on ${counted(nodes, 'node')}`
            : 'no executions'
        }
      />
    </PlainLink>
  )
}

function Failing() {
  const { data: health } = useQuery(healthQuery)
  const { data: minutes } = useQuery(minutesQuery('15m'))
  const sum = (key: 'success_count' | 'failed_count' | 'stopped_count') => minutes?.reduce((a, m) => a + m[key], 0) ?? 0
  const good = sum('success_count')
  const bad = sum('failed_count') - sum('stopped_count')
  const failing = health?.failing
  return (
    <PlainLink to="/jobs" search={{ health: ['failing'] }} className={classes.tile}>
      <Figure
        name="Failing jobs"
        value={failing === undefined ? '…' : count(failing)}
        tone={failing ? 'bad' : undefined}
        note={
          good + bad
            ? `${percent(good / (good + bad))} of ${count(good + bad)} runs succeeded in 24 hours`
            : 'no runs yet'
        }
      />
    </PlainLink>
  )
}

function Next() {
  const { data } = useQuery(dueJobsQuery)
  const now = useNow()
  const next = data?.items[0]
  const at = timeOf(next?.next)
  const value = !data ? '…' : at ? distance(at, Math.min(now, at.getTime() - 1)) : 'nothing'
  return (
    <PlainLink to="/timeline" className={classes.tile}>
      <Figure name="Due next" value={value} note={next ? nameOf(next) : 'no job is due'} />
    </PlainLink>
  )
}

interface FigureProps {
  name: string
  value: ReactNode
  note?: ReactNode
  /** Of the value, and of the note if that is what is wrong. */
  tone?: string
  noteTone?: string
}

function Figure({ name, value, note, tone, noteTone }: FigureProps) {
  return (
    <>
      <span className={classes.name}>{name}</span>
      <span className={classes.value} data-tone={tone}>
        {value}
      </span>
      <span className={classes.note} data-tone={noteTone}>
        {note}
      </span>
    </>
  )
}
