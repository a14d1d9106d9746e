import { statusOf, type Execution } from '@/api/executions'
import { mostOutputs } from './search'

/** A target with its attempts, the first first; of attempts that did not happen there is none. */
interface Target {
  node: string
  attempts: Execution[]
}

/** Executions by node: those that want to be looked at first. */
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

/** Those to show: the ones that were asked for, and else the one that tells most. */
export function shownOf(executions: readonly Execution[], asked: readonly string[] = []): Execution[] {
  const found = asked.flatMap(id => executions.find(e => e.id === id) ?? []).slice(0, mostOutputs)
  if (found.length) return found
  const running = executions.filter(e => statusOf(e) === 'running').toSorted(newestFirst)
  const best = running[0] ?? targetsOf(executions)[0]?.attempts.at(-1)
  return best ? [best] : []
}

const newestFirst = (a: Execution, b: Execution) => b.started_at.localeCompare(a.started_at)
