import { graphlib, layout } from '@dagrejs/dagre'
import type { Job } from '@/api/jobs'
import { endOf, parentsOf } from '@/ui/words'

export const nodeSize = { width: 212, height: 66 }

export interface Place {
  name: string
  x: number
  y: number
}

export type Direction = 'LR' | 'TB'

/** From a parent to a child. */
export interface Tie {
  from: string
  to: string
  on: 'success' | 'failure' | 'always'
}

/** The ties between known jobs. */
export function tiesOf(jobs: readonly Job[]): Tie[] {
  const names = new Set(jobs.map(j => j.name))
  return jobs.flatMap(job =>
    parentsOf(job)
      .filter(p => names.has(p.job))
      .map(p => ({ from: p.job, to: job.name, on: endOf(p) })),
  )
}

/** The top-left corner of each job: parents before children, left to right or top to bottom. */
export function placesOf(names: readonly string[], ties: readonly Tie[], direction: Direction): Place[] {
  const graph = new graphlib.Graph()
  graph.setGraph({ rankdir: direction, nodesep: 26, ranksep: direction === 'LR' ? 96 : 60 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const name of names) graph.setNode(name, { ...nodeSize })
  for (const tie of ties) graph.setEdge(tie.from, tie.to)
  layout(graph)
  return names.map(name => {
    const { x, y } = graph.node(name) as { x: number; y: number }
    return { name, x: x - nodeSize.width / 2, y: y - nodeSize.height / 2 }
  })
}
