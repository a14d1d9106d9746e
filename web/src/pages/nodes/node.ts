import type { Schemas } from '@/api/client'
import type { Member } from '@/api/cluster'
import type { Execution } from '@/api/executions'
import type { Tone } from '@/ui/state'

export type Server = Schemas['Cluster']['servers'][number]

/** A member with its server state and executions. */
export interface Node {
  name: string
  address: string
  version: string
  status: Member['statusText']
  /** Absent if it is not a server. */
  server?: Server
  isServer: boolean
  /** Tags that people gave it, without dkron's own. */
  tags: [string, string][]
  running: Execution[]
  /** How busy it is; absent if that is not known. */
  load?: Load
}

type Load = NonNullable<Schemas['Node']['load']>
export type High = Load['high'][number]

export const highWords: Record<High['what'], string> = {
  cpu: 'CPU high',
  memory: 'memory high',
  load: 'load high',
  runs: 'full',
}

const own = new Set(['dc', 'expect', 'port', 'region', 'rpc_addr', 'server', 'version', 'bootstrap_expect'])

/** Joins members, servers, running executions and loads by node. Servers first. */
export function nodesOf(
  members: Member[],
  servers: Server[],
  running: Execution[],
  loads: Schemas['Node'][] = [],
): Node[] {
  const runningOn = new Map<string, Execution[]>(members.map(m => [m.Name, []]))
  for (const e of running) runningOn.get(e.node_name)?.push(e)
  const nodes = members.map(m => {
    const tags = m.Tags ?? {}
    return {
      name: m.Name,
      address: m.Addr,
      version: tags.version ?? '',
      status: m.statusText,
      server: servers.find(s => s.name === m.Name),
      isServer: tags.server === 'true',
      tags: Object.entries(tags).filter(([key, value]) => !own.has(key) && !(key === 'role' && value === 'dkron')),
      running: runningOn.get(m.Name) ?? [],
      load: loads.find(l => l.name === m.Name)?.load ?? undefined,
    }
  })
  return nodes.toSorted(
    (a, b) => Number(b.isServer) - Number(a.isServer) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  )
}

/** A node's health, with a word and a colour. */
export function conditionOf(node: Node): { tone: Tone; label: string; why: string } {
  const { status, server } = node
  if (status === 'failed')
    return {
      tone: 'bad',
      label: 'offline',
      why: 'It does not answer the other nodes. Its executions continue if the machine is up.',
    }
  if (status === 'left')
    return { tone: 'calm', label: 'left', why: 'It shut down cleanly, and is removed after a day.' }
  if (status !== 'alive') return { tone: 'wait', label: status, why: 'It is leaving.' }
  if (server && !server.reachable)
    return { tone: 'bad', label: 'no answer', why: `This server can’t reach it: ${server.error}` }
  if (server && !server.ready) return { tone: 'wait', label: 'not ready', why: server.reason }
  return { tone: 'good', label: 'alive', why: 'It answers the other nodes and takes work.' }
}

/** Whether members run different versions. */
export const mixed = (nodes: Node[]) => new Set(nodes.filter(n => n.status === 'alive').map(n => n.version)).size > 1
