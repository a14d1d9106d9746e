import { useQuery } from '@tanstack/react-query'
import { executorsQuery, processorsQuery } from '@/api/executors'
import type { Job } from '@/api/jobs'
import { useZone } from '@/ui/zone'
import { Link } from '@/ui/link'
import { Panel } from '@/ui/Panel'
import { factsOf } from './facts'
import classes from './Summary.module.css'

/** The definition's non-default settings, each explained. */
export function Summary({ job }: { job: Job }) {
  const { data: executors } = useQuery(executorsQuery)
  const any = Object.keys(job.processors ?? {}).length > 0
  const { data: processors } = useQuery({ ...processorsQuery, enabled: any })
  const facts = factsOf(job, useZone(), { executors, processors })
  const whole = (
    <Link to="/jobs/$job" params={{ job: job.name }} search={{ tab: 'definition' }} inherit>
      Full definition
    </Link>
  )
  return (
    <Panel title="Configuration" aside={whole}>
      <dl className={classes.facts}>
        {facts.map(({ label, value, code, meaning }) => (
          <div key={`${label} ${value}`}>
            <dt>{label}</dt>
            <dd>
              {code ? <Code text={value} /> : <span className={classes.value}>{value}</span>}
              {meaning && <span className={classes.meaning}>{meaning}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  )
}

/** Code; a long text scrolls by itself. */
function Code({ text }: { text: string }) {
  if (text.length < 400) return <code>{text}</code>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls can be reached by keyboard
    <section tabIndex={0} aria-label="The whole text" className={classes.long}>
      <code>{text}</code>
    </section>
  )
}
