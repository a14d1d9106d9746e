import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Liveness } from '@/api/live'
import { statusQuery } from '@/api/cluster'
import { PlainLink } from '@/ui/link'
import classes from './Cluster.module.css'
import { useLiveness } from './live'

const words: Record<Liveness, { tone: string; label: string; meaning: string }> = {
  connecting: { tone: 'wait', label: 'connecting', meaning: 'Connecting to this server’s events.' },
  live: { tone: 'good', label: 'live', meaning: 'The page updates as the cluster changes.' },
  busy: {
    tone: 'live',
    label: 'every 3 s',
    meaning: 'So much is happening that the page reloads every 3 seconds.',
  },
  offline: {
    tone: 'bad',
    label: 'disconnected',
    meaning: 'This server does not answer; the page keeps trying.',
  },
  hidden: { tone: 'calm', label: 'paused', meaning: 'A hidden tab does not listen for changes.' },
}

/** The server that serves the page, and whether the page is up to date with it. */
export function Cluster() {
  const liveness = words[useLiveness()]
  const { data } = useQuery(statusQuery)
  return (
    <div className={classes.cluster}>
      <Tooltip label={liveness.meaning} multiline maw={260} position="right">
        <output className={classes.live} data-tone={liveness.tone}>
          <span className={classes.dot} />
          {liveness.label}
        </output>
      </Tooltip>
      {data && (
        <PlainLink to="/nodes/$node" params={{ node: data.agent.name }} className={classes.server}>
          {data.agent.name}
        </PlainLink>
      )}
      {data && <div className={classes.version}>dkron {data.agent.version}</div>}
    </div>
  )
}
