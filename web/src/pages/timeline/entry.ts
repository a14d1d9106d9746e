import { timeOf } from '@/api/client'
import type { DueJob, DueTargets } from '@/api/due'
import type { ExecutionNode } from '@/api/executions'
import { badStates, notRunStates, type LaunchJob, type LaunchState } from '@/api/launches'
import { lookOf, type State, type Tone } from '@/ui/state'

/** An execution, launch or due time on the axis. Times are in milliseconds. */
export interface Entry {
  key: string
  /** An execution or a launch, a launch that ran nothing, or a due time. */
  kind: 'ran' | 'unrun' | 'due'
  /** Empty if it is a band of several jobs. */
  job: string
  /** Of the job; absent or empty if it has none. */
  displayname?: string
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

const kindOf = (state: LaunchState): Entry['kind'] => (notRunStates.includes(state) ? 'unrun' : 'ran')

/** What a job has launched: each launch, or bands. */
export function ofLaunchJob({ job, displayname, launches = [], bands = [] }: LaunchJob): Entry[] {
  const single = launches.map(({ id, state, at, ended_at, reason }): Entry => {
    const [start, kind] = [Date.parse(at), kindOf(state)]
    const end = kind === 'unrun' ? start : (ms(ended_at) ?? Infinity)
    return { key: id, kind, job, displayname, node: '', state, start, end, launch: id, reason }
  })
  const many = bands.map(({ at, until, count, bad, busy, state, launch }): Entry => {
    const [start, end] = [Date.parse(at), Date.parse(until)]
    // It is the same band when more has been added to it.
    const key = `${job}@${at}`
    const kind = kindOf(state)
    return { key, kind, job, displayname, node: '', state, start, end, launch, times: count, bad, busy: busy * 1000 }
  })
  return [...single, ...many]
}

/** What has run on a node: each execution, or bands. `names` are display names of jobs. */
export function ofExecutionNode({ node, executions, bands }: ExecutionNode, names: Record<string, string>): Entry[] {
  const single = executions.map(({ job, id, state, at, ended_at, launch, attempt, lateness_ms, reason }): Entry => {
    const [start, end] = [Date.parse(at), ms(ended_at) ?? Infinity]
    const [lateness, displayname, kind] = [lateness_ms, names[job], 'ran' as const]
    return { key: `${job}/${id}`, kind, job, displayname, node, state, start, end, launch, attempt, lateness, reason }
  })
  const many = bands.map(({ job = '', at, until, count, bad, busy, state, launch }): Entry => {
    const [start, end] = [Date.parse(at), Date.parse(until)]
    const [key, displayname, kind] = [`${job}@${at}/${node}`, names[job], 'ran' as const]
    return { key, kind, job, displayname, node, state, start, end, launch, times: count, bad, busy: busy * 1000 }
  })
  return [...single, ...many]
}

/** The due times of a job: one mark each by job; by node, one per node that is certain, or else one without a node. */
export function ofDueJob({ job, displayname, due }: DueJob, { nodes, count }: DueTargets, byNode: boolean): Entry[] {
  const places = byNode && nodes.length ? nodes : [nodes.length === 1 ? nodes[0]! : '']
  return due.flatMap(({ at, until, count: times, every }) => {
    const start = Date.parse(at)
    const end = until ? Date.parse(until) : start
    return places.map((node): Entry => ({
      key: `${job}@${at}/${node}`,
      kind: 'due',
      job,
      displayname,
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

/** Whether it is a launch that has not begun: it waits for a node, or for those before it. */
export const isWaiting = ({ state, times }: Entry) => !times && (state === 'waiting' || state === 'queued')

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
