import { timeOf } from '@/api/client'
import type { DueJob, DueTargets } from '@/api/due'
import { statusOf, type Execution } from '@/api/executions'
import { badStates, notRunStates, type Launch, type LaunchJob, type LaunchState } from '@/api/launches'
import { lookOf, type State, type Tone } from '@/ui/state'

/** An execution, launch or due time on the axis. Times are in milliseconds. */
export interface Entry {
  key: string
  /** An execution or a launch, a launch that ran nothing, or a due time. */
  kind: 'ran' | 'unrun' | 'due'
  job: string
  /** Empty if it had none, or if it is chosen at launch. */
  node: string
  /** A due time has none yet. */
  state?: State
  start: number
  /** Infinity while it runs; a mark ends where it starts, a band at its last due time. */
  end: number
  /** The launch that it belongs to. */
  launch?: string
  /** The first is 1. */
  attempt?: number
  lateness?: number
  reason?: string
  /** The nodes of a due time, or the due times that a launch covers. */
  count?: number
  /** The launches or due times of a band. */
  times?: number
  /** Of the launches of a band: how many were bad, and the milliseconds that they took, summed up. */
  bad?: number
  busy?: number
  /** The mean time between two due times of a band. */
  every?: number
}

const ms = (time: string | null | undefined) => timeOf(time)?.getTime()

export function ofExecution(e: Execution): Entry {
  return {
    key: `${e.job_name}/${e.id}`,
    kind: 'ran',
    job: e.job_name,
    node: e.node_name,
    state: statusOf(e),
    start: ms(e.started_at) ?? 0,
    end: ms(e.finished_at) ?? Infinity,
    launch: e.launch_id,
    attempt: e.attempt,
    lateness: e.lateness_ms,
    reason: e.error,
  }
}

export function ofLaunch(l: Launch): Entry {
  const at = ms(l.scheduled_at) ?? 0
  return {
    key: l.id,
    kind: 'unrun',
    job: l.job,
    node: '',
    state: l.state,
    start: at,
    end: at,
    launch: l.id,
    reason: l.reason,
    count: l.count,
  }
}

const kindOf = (state: LaunchState): Entry['kind'] => (notRunStates.includes(state) ? 'unrun' : 'ran')

/** What a job has launched: each launch, or bands. */
export function ofLaunchJob({ job, launches = [], bands = [] }: LaunchJob): Entry[] {
  const single = launches.map(({ id, state, at, ended_at, reason }): Entry => {
    const [start, kind] = [Date.parse(at), kindOf(state)]
    const end = kind === 'unrun' ? start : (ms(ended_at) ?? Infinity)
    return { key: id, kind, job, node: '', state, start, end, launch: id, reason }
  })
  const many = bands.map(({ at, until, count, bad, busy, state, launch }): Entry => {
    const [start, end] = [Date.parse(at), Date.parse(until)]
    // It is the same band when more has been added to it.
    const key = `${job}@${at}`
    return { key, kind: kindOf(state), job, node: '', state, start, end, launch, times: count, bad, busy: busy * 1000 }
  })
  return [...single, ...many]
}

/** The due times of a job: one mark each by job; by node, one per node that is certain, or else one without a node. */
export function ofDueJob({ job, due }: DueJob, { nodes, count }: DueTargets, byNode: boolean): Entry[] {
  const places = byNode && nodes.length ? nodes : [nodes.length === 1 ? nodes[0]! : '']
  return due.flatMap(({ at, until, count: times, every }) => {
    const start = Date.parse(at)
    const end = until ? Date.parse(until) : start
    return places.map((node): Entry => ({
      key: `${job}@${at}/${node}`,
      kind: 'due',
      job,
      node,
      start,
      end,
      count,
      times,
      every: every === undefined ? undefined : every * 1000,
    }))
  })
}

export const toneOf = (e: Entry): Tone => (e.state === undefined ? 'wait' : lookOf(e.state).tone)
export const labelOf = (e: Entry): string => (e.state === undefined ? 'due' : lookOf(e.state).label)

/** Final states that need attention. */
export const isBad = (e: Entry) => e.state !== undefined && (badStates as readonly State[]).includes(e.state)

/** How many of its launches or due times lie in a part of time: of a band, its share. */
export function timesIn(e: Entry, from: number, to: number, of = e.times ?? 1): number {
  if (!e.times || e.end <= e.start) return of
  const inside = Math.min(e.end, to) - Math.max(e.start, from)
  return Math.max(Math.round((of * inside) / (e.end - e.start)), Math.min(of, 1))
}

/** Its end so far. */
export const endOf = (e: Entry, now: number) => (e.end === Infinity ? Math.max(now, e.start) : e.end)
