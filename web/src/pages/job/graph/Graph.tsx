import '@xyflow/react/dist/base.css'
import { Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Controls, MarkerType, Position, ReactFlow, type Edge } from '@xyflow/react'
import { useMemo } from 'react'
import type { Job } from '@/api/jobs'
import { Empty } from '@/ui/Empty'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import classes from './Graph.module.css'
import { JobNode, type JobNodeType } from './JobNode'
import { nodeSize, placesOf, tiesOf, type Direction, type Place, type Tie } from './layout'
import { Relatives } from './Relatives'
import { knownRelated, relatedQuery, type Related } from './related'

const nodeTypes = { job: JobNode }

/** The jobs linked to this one by parents and children, as a graph and as a list. */
export default function Graph({ job }: { job: Job }) {
  const client = useQueryClient()
  const query = useQuery({ ...relatedQuery(job.name), placeholderData: () => knownRelated(client, job.name) })
  return (
    <Loaded query={query} what="the linked jobs" lines={8}>
      {related =>
        related.items.length < 2 ? (
          <Panel>
            <Empty icon="graph" title="No dependencies">
              A job with parents is launched when they end. Linked jobs appear here with their state.
            </Empty>
          </Panel>
        ) : (
          <Drawn job={job} related={related} />
        )
      }
    </Loaded>
  )
}

function Drawn({ job, related }: { job: Job; related: Related }) {
  const narrow = useMediaQuery('(max-width: 48em)')
  const { items: jobs, total } = related
  const direction = narrow ? 'TB' : 'LR'
  const ties = useMemo(() => tiesOf(jobs), [jobs])
  const places = usePlaces(jobs, ties, direction)
  const nodes = useMemo(() => nodesOf(jobs, places, direction, job.name), [jobs, places, direction, job.name])
  const edges = useMemo(() => ties.map(edgeOf), [ties])
  return (
    <div className={classes.column}>
      <Panel title={`${count(jobs.length)} linked jobs`} aside={<Legend />} flush>
        {total > jobs.length && (
          <Text size="sm" c="dimmed" px="md">
            The nearest {count(jobs.length)} of {count(total)}.
          </Text>
        )}
        <div className={classes.graph} style={{ height: heightOf(places) }}>
          <ReactFlow
            key={direction}
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            preventScrolling={false}
            zoomOnScroll={false}
            fitView
            fitViewOptions={{ maxZoom: 1, padding: 0.08 }}
            onlyRenderVisibleElements={jobs.length > 100}
            minZoom={0.1}
            maxZoom={2}
            aria-label="Job graph"
          >
            <Controls orientation="horizontal" showInteractive={false} />
          </ReactFlow>
        </div>
      </Panel>
      <Relatives job={job} jobs={jobs} ties={ties} />
    </div>
  )
}

/** The height of the graph, within limits. */
const heightOf = (places: Place[]) => Math.min(560, Math.max(260, ...places.map(p => p.y + nodeSize.height + 110)))

/** Layout is slow for hundreds of jobs, so it runs only when jobs or ties change, not when a job runs. */
function usePlaces(jobs: Job[], ties: Tie[], direction: Direction): Place[] {
  const shape = JSON.stringify([jobs.map(j => j.name), ties])
  return useMemo(() => {
    const [names, same] = JSON.parse(shape) as [string[], Tie[]]
    return placesOf(names, same, direction)
  }, [shape, direction])
}

function nodesOf(jobs: Job[], places: Place[], direction: Direction, current: string): JobNodeType[] {
  const byName = new Map(jobs.map(j => [j.name, j]))
  return places.flatMap(({ name, x, y }) => {
    const job = byName.get(name)
    if (!job) return []
    return {
      id: name,
      type: 'job' as const,
      position: { x, y },
      data: { job, current: name === current },
      width: nodeSize.width,
      height: nodeSize.height,
      sourcePosition: direction === 'LR' ? Position.Right : Position.Bottom,
      targetPosition: direction === 'LR' ? Position.Left : Position.Top,
    }
  })
}

const tones = { success: 'good', failure: 'bad', always: 'calm' } as const
const labels = { success: 'on success', failure: 'on failure', always: 'always' } as const

function edgeOf({ from, to, on }: Tie): Edge {
  const color = `var(--fill-${tones[on]})`
  return {
    id: `${from} ${to}`,
    source: from,
    target: to,
    label: labels[on],
    style: { stroke: color, strokeWidth: 1.6, strokeDasharray: on === 'failure' ? '6 4' : undefined },
    labelStyle: { fill: `var(--${tones[on]})`, fontSize: 11, fontWeight: 600 },
    labelBgStyle: { fill: 'var(--panel)' },
    labelBgPadding: [4, 2],
    markerEnd: { type: MarkerType.ArrowClosed, color },
  }
}

function Legend() {
  return (
    <Text size="xs" c="dimmed" component="span">
      Drag to move, pinch or Ctrl+wheel to zoom
    </Text>
  )
}
