import { useQuery } from '@tanstack/react-query'
import { settingsQuery } from '@/api/cluster'
import { Link } from '@/ui/link'
import { count } from '@/ui/size'
import classes from './Timeline.module.css'

const box = (tone: string, className?: string) => (
  <svg width={22} height={12} data-tone={tone} className={className} aria-hidden="true">
    <rect x={0} y={2} width={22} height={8} rx={2.5} />
  </svg>
)

/** The legend of the chart. */
export function Legend() {
  return (
    <ul className={classes.legend} aria-label="What the shapes mean">
      <li>{box('good')}success</li>
      <li>
        <svg width={22} height={12} data-tone="bad" aria-hidden="true">
          <rect x={0} y={0} width={22} height={12} rx={2.5} />
        </svg>
        failed (taller)
      </li>
      <li>
        <svg width={22} height={12} data-tone="live" aria-hidden="true">
          <rect x={0} y={2} width={22} height={8} rx={2.5} />
          <path d="m3 10 8-8m0 8 8-8" className={classes.stripe} />
        </svg>
        running
      </li>
      <li>
        <svg width={22} height={12} data-tone="odd" aria-hidden="true">
          <rect x={0} y={2} width={22} height={8} rx={2.5} />
          <path d="m2 10 8-8m-3 8 8-8m-3 8 8-8" className={classes.stripe} />
        </svg>
        stopped, lost
      </li>
      <li>
        <b className={classes.many}>×9</b>
        many runs (worst colour)
      </li>
      <li>
        <svg width={13} height={12} data-tone="calm" aria-hidden="true">
          <path d="m6.5 1 5 5-5 5-5-5Z" className={classes.hollow} />
        </svg>
        did not run
      </li>
      <li>
        <svg width={9} height={12} className={classes.due} aria-hidden="true">
          <path d="M4 1h1v11H4z" />
          <circle cx={4.5} cy={3.5} r={3} />
        </svg>
        due
      </li>
      <li>
        <svg width={22} height={12} className={classes.band} aria-hidden="true">
          <rect x={0.5} y={2.5} width={21} height={7} rx={2.5} />
        </svg>
        often due
      </li>
      <Kept />
    </ul>
  )
}

/** Explains rows that start late: older executions are not kept. */
function Kept() {
  const { data } = useQuery(settingsQuery)
  const kept = data?.history?.count
  if (!kept) return null
  return (
    <li className={classes.kept}>
      <Link to="/settings" inherit underline="always">
        The last {count(kept)} executions
      </Link>{' '}
      of each job are kept by default.
    </li>
  )
}
