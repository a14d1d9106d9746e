import { statusOf, type Execution, type ExecutionStatus } from '@/api/executions'
import { timeOf } from '@/api/client'
import { clockTime, took } from '@/ui/time'

/** One execution as a bar of the chart. */
export interface Bar {
  id: string
  launch: string
  node: string
  attempt: number
  status: ExecutionStatus
  started: Date
  /** Absent while it runs. */
  ended?: Date
  lateness: number
  exitCode?: number
  error?: string
}

/** The bars of one launch: its targets and attempts. */
export interface Group {
  launch: string
  bars: Bar[]
}

/** The newest executions, oldest first, those of a launch together. */
export function groupsOf(executions: readonly Execution[], most: number): Group[] {
  const bars = executions.map(barOf).toSorted((a, b) => a.started.getTime() - b.started.getTime())
  const groups = new Map<string, Group>()
  for (const bar of bars.slice(-most)) {
    const group = groups.get(bar.launch) ?? { launch: bar.launch, bars: [] }
    group.bars.push(bar)
    groups.set(bar.launch, group)
  }
  return [...groups.values()]
}

function barOf(e: Execution): Bar {
  return {
    id: e.id,
    launch: e.launch_id,
    node: e.node_name,
    attempt: e.attempt,
    status: statusOf(e),
    started: new Date(e.started_at),
    ended: timeOf(e.finished_at),
    lateness: e.lateness_ms,
    exitCode: e.exit_code,
    error: e.error,
  }
}

/** Its duration so far. */
export const lengthOf = (bar: Bar, now: number) => Math.max(0, (bar.ended?.getTime() ?? now) - bar.started.getTime())

export interface Scale {
  kind: 'linear' | 'log'
  /** The height, 0 to 1, of a duration in milliseconds. */
  share: (ms: number) => number
  /** Durations to draw a line at. */
  ticks: number[]
}

/** If one is many times the median, a log scale keeps the others visible. */
const wide = 12

export function scaleOf(durations: readonly number[]): Scale {
  const sorted = durations.toSorted((a, b) => a - b)
  const most = Math.max(sorted.at(-1) ?? 0, 10)
  const median = Math.max(sorted[Math.floor(sorted.length / 2)] ?? 0, 1)
  if (most / median <= wide) {
    const top = roundUp(most)
    return { kind: 'linear', share: ms => Math.min(1, ms / top), ticks: [top / 2, top] }
  }
  const top = roundUp(most)
  const share = (ms: number) => Math.min(1, Math.log1p(ms) / Math.log1p(top))
  const lines = [1, 10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000].filter(t => t < top / 2)
  return { kind: 'log', share, ticks: [...lines.slice(-3), top] }
}

const steps = [1, 1.2, 1.6, 2, 3, 4, 6, 8]
const minutes = [1, 1.5, 2, 3, 4, 6, 8, 10, 12, 16, 20, 30, 40, 60, 90, 120, 180, 240, 360, 480, 720, 1440]

/** The next round duration whose half is round too. */
function roundUp(ms: number): number {
  for (const unit of [10, 100, 1000, 10_000]) {
    const found = steps.find(step => step * unit >= ms && step * unit < 60_000)
    if (found) return found * unit
  }
  return 60_000 * (minutes.find(m => m * 60_000 >= ms) ?? Math.ceil(ms / 86_400_000) * 1440)
}

/** An execution in one line, for screen readers. */
export function barWords(bar: Bar, label: string, now: number, zone?: string): string {
  return [
    label,
    `started ${clockTime(bar.started, zone)}`,
    `on ${bar.node}`,
    `${bar.ended ? 'took' : 'for'} ${took(lengthOf(bar, now))}`,
    ...extras(bar),
  ].join(', ')
}

/** Details that only some executions have. */
export function extras(bar: Bar): string[] {
  return [
    `start delay ${took(Math.max(bar.lateness, 0))}`,
    ...(bar.attempt > 1 ? [`attempt ${bar.attempt}`] : []),
    ...(bar.exitCode === undefined ? [] : [`exit code ${bar.exitCode}`]),
  ]
}

/** The number of each outcome, frequent ones first. */
export function tally(groups: readonly Group[]): [ExecutionStatus, number][] {
  const counts = new Map<ExecutionStatus, number>()
  for (const { status } of groups.flatMap(g => g.bars)) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1])
}
