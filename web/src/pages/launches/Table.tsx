import { useZone } from '@/ui/zone'
import { timeOf } from '@/api/client'
import type { Launch } from '@/api/launches'
import { CauseOf } from '@/ui/CauseOf'
import { Link, PlainLink } from '@/ui/link'
import { count } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { StateBadge } from '@/ui/StateBadge'
import { clockTime } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { failedWord, jobNameOf, launchTook, reasonOf } from '@/ui/words'
import { daysOf } from './days'
import classes from './Table.module.css'

/** Launches grouped by day. */
export function Table({ launches }: { launches: readonly Launch[] }) {
  const zone = useZone()
  const days = daysOf(launches, useNow(), zone)
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Ended</th>
          <th scope="col">Job</th>
          <th scope="col">State</th>
          <th scope="col" className={classes.wide}>
            Cause
          </th>
          <th scope="col" className={classes.wide}>
            Due
          </th>
          <th scope="col" className={classes.number}>
            Targets
          </th>
          <th scope="col" className={classes.number}>
            Duration
          </th>
        </tr>
      </thead>
      {days.map(day => (
        <tbody key={day.title}>
          <tr>
            <th scope="rowgroup" colSpan={7} className={classes.day}>
              {day.title}
            </th>
          </tr>
          {day.launches.map(launch => (
            <Row key={launch.id} launch={launch} zone={zone} />
          ))}
        </tbody>
      ))}
    </table>
  )
}

function Row({ launch, zone }: { launch: Launch; zone: string | undefined }) {
  const due = timeOf(launch.scheduled_at)
  const ended = timeOf(launch.ended_at)
  const reason = reasonOf(launch)
  return (
    <tr>
      <td className={classes.when}>
        <Link to="/launches/$launch" params={{ launch: launch.id }} inherit>
          {ended ? clockTime(ended, zone).slice(11) : 'not yet'}
        </Link>
      </td>
      <td className={classes.job}>
        <PlainLink to="/jobs/$job" params={{ job: launch.job }} title={launch.job}>
          {jobNameOf(launch)}
        </PlainLink>
        <div className={classes.small}>
          <CauseOf launch={launch} /> ·{' '}
          <span className={classes.whole}>
            <Took launch={launch} />
          </span>
        </div>
      </td>
      <td className={classes.state}>
        <StateBadge state={launch.state} reason={reason} />
        {reason && <span className={classes.reason}>{reason}</span>}
      </td>
      <td className={classes.wide}>
        <CauseOf launch={launch} />
      </td>
      <td className={`${classes.wide} ${classes.due}`}>
        <When at={due} as="time" />
      </td>
      <td className={classes.number}>
        <Targets launch={launch} />
      </td>
      <td className={classes.number}>
        <Took launch={launch} />
      </td>
    </tr>
  )
}

function Targets({ launch }: { launch: Launch }) {
  const { nodes, succeeded, failed } = launch
  if (!nodes) return '–'
  return (
    <>
      {count(succeeded)}/{count(nodes)}
      {failed > 0 && (
        <span data-tone={lookOf(failedWord(launch)).tone} className={classes.failed}>
          {' '}
          {count(failed)} {failedWord(launch)}
        </span>
      )}
    </>
  )
}

function Took({ launch }: { launch: Launch }) {
  return launchTook(launch, useNow())
}
