import type { Schemas } from '@/api/client'
import { count, counted } from '@/ui/size'
import type { Tone } from '@/ui/state'

type Cluster = Schemas['Cluster']

const behind = 1000 // entries; a smaller lag is caught up in a moment

/** The servers' health in one line: the worst problem. */
export function healthOf({ leader, term, servers }: Cluster): { tone?: Tone; note: string } {
  const away = servers.filter(s => !s.reachable)
  const all = counted(servers.length, 'server')
  if (!leader) return { tone: 'bad', note: `${count(servers.length - away.length)} of ${all} reachable` }
  if (away.length) return { tone: 'bad', note: `${away.map(s => s.name).join(', ')} unreachable` }
  const late = servers.filter(s => !s.ready || (s.lag ?? 0) > behind)
  if (late.length) return { tone: 'wait', note: `${late.map(s => s.name).join(', ')} catching up` }
  return { note: `${all} up to date · term ${count(term)}` }
}
