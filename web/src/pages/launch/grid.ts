import { statusOf, type Execution } from '@/api/executions'
import type { Launch } from '@/api/launches'
import { counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { reasonOf } from '@/ui/words'
import { mostOutputs } from './search'

/** A target with its attempts in order. */
interface Target {
  node: string
  attempts: Execution[]
}

/** Executions grouped by node, those that need attention first. */
export function targetsOf(executions: readonly Execution[]): Target[] {
  const byNode = new Map<string, Execution[]>()
  for (const e of executions.toSorted((a, b) => a.attempt - b.attempt)) {
    const attempts = byNode.get(e.node_name)
    if (attempts) attempts.push(e)
    else byNode.set(e.node_name, [e])
  }
  return [...byNode]
    .map(([node, attempts]) => ({ node, attempts }))
    .toSorted((a, b) => urgency(a) - urgency(b) || a.node.localeCompare(b.node, 'en', { numeric: true }))
}

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

/** Why a launch failed: what its first failed target reports, or else the server's reason. */
export function failureOf(launch: Launch): string {
  const failed = targetsOf(launch.executions ?? []).flatMap(({ attempts }) => {
    const last = attempts.at(-1)!
    return ['failed', 'timed_out', 'lost'].includes(statusOf(last)) ? [last] : []
  })
  const [first] = failed
  if (!launch.failed || !first) return reasonOf(launch)
  const what = first.exit_code ? `exit code ${first.exit_code}` : first.error || lookOf(statusOf(first)).label
  const more = failed.length > 1 ? `, and ${counted(failed.length - 1, 'other node')}` : ''
  return `${what} on ${first.node_name}${more}`
}

const newestFirst = (a: Execution, b: Execution) => b.started_at.localeCompare(a.started_at)
