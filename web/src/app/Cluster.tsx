import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Liveness } from '@/api/live'
import { statusQuery } from '@/api/cluster'
import { PlainLink } from '@/ui/link'
import classes from './Cluster.module.css'
import { useLiveness } from './live'

const words: Record<Liveness, { tone: string; label: string; meaning: string }> = {
  connecting: { tone: 'wait', label: 'connecting', meaning: 'The page asks this server for its events.' },
  live: { tone: 'good', label: 'live', meaning: 'What you see changes as the cluster does.' },
  busy: {
    tone: 'live',
    label: 'every 3 s',
    meaning: 'So much happens that the page reads it every three seconds instead of being told of each change.',
  },
  offline: {
    tone: 'bad',
    label: 'no connection',
    meaning: 'This server does not answer; the page tries again by itself.',
  },
  hidden: { tone: 'calm', label: 'resting', meaning: 'A tab that nobody sees does not listen.' },
}

/** Which server the page comes from, and whether it is in step with it. */
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
