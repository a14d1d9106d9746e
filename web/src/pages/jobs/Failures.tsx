import { Text } from '@mantine/core'
import { Link } from '@/ui/link'
import { count } from '@/ui/size'
import { byReason, type Failure } from './each'
import classes from './Failures.module.css'

const most = 50 // names per reason

/** The failed jobs, grouped by reason. */
export function Failures({ failures }: { failures: readonly Failure<{ name: string }>[] }) {
  return (
    <section className={classes.list} aria-label="What failed and why">
      {byReason(failures).map(({ why, items }) => (
        <div key={why}>
          <Text size="sm">{why}</Text>
          <div className={classes.names}>
            {items.slice(0, most).map(({ name }) => (
              <Link key={name} to="/jobs/$job" params={{ job: name }} size="xs">
                {name}
              </Link>
            ))}
            {items.length > most && <span>and {count(items.length - most)} more</span>}
          </div>
        </div>
      ))}
    </section>
  )
}
