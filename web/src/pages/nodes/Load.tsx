import { Text, Tooltip } from '@mantine/core'
import { timeOf } from '@/api/client'
import { bytes, count } from '@/ui/size'
import { took } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { highWords, type High, type Node } from './node'
import classes from './Nodes.module.css'

/** What is too high on a node, and for how long; nothing if all is well. */
export function HighSince({ node }: { node: Node }) {
  const now = useNow()
  if (!node.load?.high.length) return null
  return (
    <span className={classes.highs}>
      {node.load.high.map(({ what, since }) => (
        <span key={what} className={classes.high} data-tone="bad">
          {highWords[what]} for {took(rough(now - (timeOf(since)?.getTime() ?? now)))}
        </span>
      ))}
    </span>
  )
}

/** Whole minutes, from the first one on. */
const rough = (ms: number) => (ms < 60_000 ? Math.max(1000, ms) : Math.floor(ms / 60_000) * 60_000)

/** Executions on a node, of the most that may run. */
export function Running({ node }: { node: Node }) {
  const { load, running, status } = node
  if (status !== 'alive') return <None />
  const most = load?.max_running
  return (
    <Figure of={node} what="runs">
      {running.length || most ? count(running.length) : 'idle'}
      {most != null && ` of ${count(most)}`}
      {!!load?.waiting && `, ${count(load.waiting)} waiting`}
    </Figure>
  )
}

export function Cpu({ node }: { node: Node }) {
  const { load } = node
  if (load?.cpu_percent == null) return <None />
  return (
    <Figure of={node} what="cpu" about={`Of ${load.cpus} CPUs, on average over ten seconds`}>
      {Math.round(load.cpu_percent)} %
    </Figure>
  )
}

export function Memory({ node }: { node: Node }) {
  const { load } = node
  if (load?.memory_used == null || !load.memory_total) return <None />
  const percent = Math.round((load.memory_used / load.memory_total) * 100)
  return (
    <Figure of={node} what="memory" about={`${percent} % of what the node may use`}>
      {bytes(load.memory_used)} of {bytes(load.memory_total)}
    </Figure>
  )
}

export function Average({ node }: { node: Node }) {
  const { load } = node
  if (load?.load_1 == null) return <None />
  return (
    <Figure
      of={node}
      what="load"
      about={`Load average over 1, 5 and 15 minutes: ${load.load_1}, ${load.load_5}, ${load.load_15}; ${load.cpus} CPUs`}
    >
      {load.load_1.toFixed(1)}
    </Figure>
  )
}

interface FigureProps {
  of: Node
  what: High['what']
  about?: string
  children: React.ReactNode
}

/** A figure, marked by colour and by the word if it is high. */
function Figure({ of, what, about, children }: FigureProps) {
  const high = of.load?.high.some(h => h.what === what)
  const text = (
    <span className={classes.figure} data-tone={high ? 'bad' : undefined}>
      {children}
      {high && (what === 'runs' ? ' · full' : ' · high')}
    </span>
  )
  return about ? (
    <Tooltip label={about} openDelay={300} multiline maw={300}>
      {text}
    </Tooltip>
  ) : (
    text
  )
}

function None() {
  return (
    <Text component="span" c="dimmed" inherit>
      –
    </Text>
  )
}
