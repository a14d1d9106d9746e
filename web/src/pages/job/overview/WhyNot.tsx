import { useInfiniteQuery } from '@tanstack/react-query'
import type { Job } from '@/api/jobs'
import { launchesQuery, notRunStates, type Launch } from '@/api/launches'
import { timeOf } from '@/api/client'
import { Link, PlainLink } from '@/ui/link'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { counted } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { When } from '@/ui/When'
import classes from './WhyNot.module.css'

const states = [...notRunStates]

/** The last times that a job was due and did not run, with the reason. Hidden if there are none. */
export function WhyNot({ job }: { job: Job }) {
  const { data } = useInfiniteQuery(launchesQuery({ job: [job.name], state: states }, 6))
  const launches = data?.pages[0]?.items ?? []
  if (!launches.length) return null
  const all = (
    <Link to="/jobs/$job" params={{ job: job.name }} search={{ tab: 'launches', state: states }} inherit>
      Show all
    </Link>
  )
  return (
    <Panel title="Why it did not run" aside={all}>
      <ul className={classes.list}>
        {launches.map(launch => (
          <Row key={launch.id} launch={launch} />
        ))}
      </ul>
    </Panel>
  )
}

function Row({ launch }: { launch: Launch }) {
  return (
    <li>
      <StateBadge state={launch.state} />
      <PlainLink to="/launches/$launch" params={{ launch: launch.id }} className={classes.when}>
        <When at={timeOf(launch.scheduled_at)} as="time" />
      </PlainLink>
      <span className={classes.reason}>
        {launch.reason || lookOf(launch.state).meaning}
        {launch.count > 1 && (
          <>
            {' '}
            Covers {counted(launch.count, 'due time')}, until <When at={timeOf(launch.until)} as="time" />.
          </>
        )}
      </span>
    </li>
  )
}
