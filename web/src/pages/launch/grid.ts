import { statusOf, type Execution } from '@/api/executions'
import type { Launch } from '@/api/launches'
import { count, counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { failedWord, reasonOf } from '@/ui/words'
import { mostOutputs } from './search'

/** A target of a launch with its attempts in order. A retry may be on another node. */
interface Target {
  attempts: Execution[]
}

/** The attempts of each target, those that need attention first. An attempt continues a target whose last one is the
 * attempt before: on the same node if there is such a target, else the one that failed first. */
export function targetsOf(executions: readonly Execution[]): Target[] {
  const targets: Target[] = []
  const numbers = [...new Set(executions.map(e => e.attempt))].toSorted((a, b) => a - b)
  for (const number of numbers) {
    const found = executions.filter(e => e.attempt === number)
    const open = targets.filter(
      t => t.attempts.at(-1)!.attempt === number - 1 && statusOf(t.attempts.at(-1)!) !== 'success',
    )
    open.sort((a, b) => a.attempts.at(-1)!.finished_at.localeCompare(b.attempts.at(-1)!.finished_at))
    const take = (at: number) => open.splice(at, 1)[0]
    const moved: Execution[] = []
    for (const e of found) {
      const same = open.findIndex(t => t.attempts.at(-1)!.node_name === e.node_name)
      if (same >= 0) take(same)!.attempts.push(e)
      else moved.push(e)
    }
    for (const e of moved.toSorted((a, b) => a.started_at.localeCompare(b.started_at))) {
      const before = take(0)
      if (before) before.attempts.push(e)
      else targets.push({ attempts: [e] })
    }
  }
  return targets.toSorted((a, b) => urgency(a) - urgency(b) || byNode(a.attempts[0]!, b.attempts[0]!))
}

const byNode = (a: Execution, b: Execution) => a.node_name.localeCompare(b.node_name, 'en', { numeric: true })

function urgency({ attempts }: Target): number {
  const status = statusOf(attempts.at(-1)!)
  if (status === 'running') return 1
  return status === 'success' ? 2 : 0
}

/** The executions to show: the requested ones, or else the most informative one. */
export function shownOf(executions: readonly Execution[], asked: readonly string[] = []): Execution[] {
  const found = asked.flatMap(id => executions.find(e => e.id === id) ?? []).slice(0, mostOutputs)
  if (found.length) return found
  const running = executions.filter(e => statusOf(e) === 'running').toSorted(newestFirst)
  const best = running[0] ?? targetsOf(executions)[0]?.attempts.at(-1)
  return best ? [best] : []
}

/** Why a launch ended as it did. Servers of version 0.1 gave a count of nodes: then what its first failed target reports. */
export function failureOf(launch: Launch): string {
  const given = reasonOf(launch)
  if (given && given === launch.reason) return given
  const failed = targetsOf(launch.executions ?? []).flatMap(({ attempts }) => {
    const last = attempts.at(-1)!
    return ['failed', 'timed_out', 'lost'].includes(statusOf(last)) ? [last] : []
  })
  const [first] = failed
  if (!launch.failed || !first) return given
  const what = first.exit_code ? `exit code ${first.exit_code}` : first.error || lookOf(statusOf(first)).label
  const more = failed.length > 1 ? `, and ${counted(failed.length - 1, 'other node')}` : ''
  return what.includes(first.node_name) ? what + more : `${what} on ${first.node_name}${more}`
}

const ends = ['failed', 'timed_out', 'stopped', 'lost'] as const

/** How the targets of a launch ended: `2 of 3 succeeded, 1 stopped`. */
export function endsWords(launch: Launch): string {
  const statuses = targetsOf(launch.executions ?? []).map(({ attempts }) => statusOf(attempts.at(-1)!))
  const known = ends.flatMap(end => {
    const n = statuses.filter(status => status === end).length
    return n ? [`${count(n)} ${lookOf(end).label}`] : []
  })
  // Running targets may be retried, and executions may have expired before the launch.
  const words = launch.failed ? (known.length ? known : [`${count(launch.failed)} ${failedWord(launch)}`]) : []
  return [`${count(launch.succeeded)} of ${count(launch.nodes)} succeeded`, ...words].join(', ')
}

const newestFirst = (a: Execution, b: Execution) => b.started_at.localeCompare(a.started_at)
