import { timeOf } from '@/api/client'
import type { Silence } from '@/api/notifications'

export type Stage = 'active' | 'planned' | 'over'

/** Whether a silence holds: in [from, until). */
export function stageOf({ from, until }: Pick<Silence, 'from' | 'until'>, now: number): Stage {
  if ((timeOf(until)?.getTime() ?? 0) <= now) return 'over'
  return (timeOf(from)?.getTime() ?? 0) > now ? 'planned' : 'active'
}
