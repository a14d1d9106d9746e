import { useQuery } from '@tanstack/react-query'
import { pluginsQuery } from '@/api/plugins'
import { Link } from '@/ui/link'
import { Panel } from '@/ui/Panel'
import classes from './Attention.module.css'

const most = 8

/** Plugins that failed and do not run; nothing while all work. */
export function BrokenPlugins() {
  const { data } = useQuery(pluginsQuery())
  const broken = (data?.plugins ?? []).filter(p => p.state === 'failed' || p.state === 'restarting')
  if (!broken.length) return null
  return (
    <Panel title="Plugins that failed">
      <ul className={classes.plugins} aria-label="Plugins that failed">
        {broken.slice(0, most).map(p => (
          <li key={`${p.node} ${p.kind} ${p.name}`}>
            <Link to="/nodes/$node" params={{ node: p.node }}>
              {p.name} on {p.node}
            </Link>
            : {p.last_error}
          </li>
        ))}
        {broken.length > most && <li>and {broken.length - most} more</li>}
      </ul>
    </Panel>
  )
}
