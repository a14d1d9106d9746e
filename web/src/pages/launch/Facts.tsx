import { Anchor } from '@mantine/core'
import type { ReactNode } from 'react'
import { timeOf } from '@/api/client'
import type { Launch } from '@/api/launches'
import { webAddress } from '@/ui/address'
import { CauseOf } from '@/ui/CauseOf'
import { Link } from '@/ui/link'
import { count, counted } from '@/ui/size'
import { tookFrom } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import classes from './Facts.module.css'
import { endsWords } from './grid'
import { Ran } from './Ran'
import { usedWords } from './used'

/** A launch's cause, its times, and who requested or stopped it. */
export function Facts({ launch }: { launch: Launch }) {
  const now = useNow()
  const created = timeOf(launch.created_at)
  const ended = timeOf(launch.ended_at)
  const used = usedWords(launch)
  const trace = webAddress(launch.trace_url)
  const late = (created?.getTime() ?? 0) - (timeOf(launch.scheduled_at)?.getTime() ?? 0) >= 1000
  return (
    <dl className={classes.facts}>
      <Fact name="Cause">
        <CauseOf launch={launch} />
      </Fact>
      <Fact name={launch.cause === 'manual' ? 'Started' : 'Due'}>
        <When at={timeOf(launch.scheduled_at)} as="time" />
        {launch.count > 1 && (
          <>
            {' '}
            to <When at={timeOf(launch.until)} as="time" />, {count(launch.count)} times
          </>
        )}
      </Fact>
      {late && (
        <Fact name="Recorded">
          <When at={created} as="time" />
        </Fact>
      )}
      {ended && (
        <Fact name="Ended">
          <When at={ended} as="time" />
        </Fact>
      )}
      <Fact name={ended ? 'Duration' : launch.nodes ? 'Running for' : 'Waiting for'}>
        {tookFrom(created, ended, now)}
      </Fact>
      {launch.nodes > 0 && (
        <Fact name="Ran">
          <Ran launch={launch} />
        </Fact>
      )}
      {launch.nodes > 0 && <Fact name="Targets">{endsWords(launch)}</Fact>}
      {!!launch.unreached && (
        <Fact name="Not reached">
          Ran on {count(launch.nodes)} of {counted(launch.nodes + launch.unreached, 'node')}: {namesOf(launch)} could
          not be reached
        </Fact>
      )}
      {launch.rerun_of && (
        <Fact name="Runs again">
          <LaunchLink id={launch.rerun_of} at={launch.rerun_scheduled_at} />
        </Fact>
      )}
      {launch.rerun_as && (
        <Fact name="Run again as">
          <LaunchLink id={launch.rerun_as} />
        </Fact>
      )}
      {launch.with_children === false && <Fact name="Dependent jobs">do not follow</Fact>}
      {Object.entries(launch.env ?? {}).map(([name, value]) => (
        <Fact key={name} name={name}>
          <code className={classes.given}>{value}</code>
        </Fact>
      ))}
      {launch.payload !== undefined && (
        <Fact name="Payload">
          <code className={classes.given}>{launch.payload}</code>
        </Fact>
      )}
      {used && <Fact name="Used">{used}</Fact>}
      {launch.requested_by && <Fact name="Requested by">{launch.requested_by}</Fact>}
      {launch.stopped_by && <Fact name="Stopped by">{launch.stopped_by}</Fact>}
      {trace && (
        <Fact name="Trace">
          <Anchor href={trace} target="_blank" rel="noopener noreferrer" inherit underline="always">
            Open trace
          </Anchor>
        </Fact>
      )}
    </dl>
  )
}

/** The nodes that were not reached, as far as the launch names them. */
function namesOf({ missing = [], unreached = 0 }: Launch) {
  const more = unreached - missing.length
  return [...missing.slice(0, unreached), ...(more > 0 ? [`${count(more)} more`] : [])].join(', ')
}

/** Another launch of the job, by when it was due. */
function LaunchLink({ id, at }: { id: string; at?: string }) {
  // The group in its id is in nanoseconds.
  const due = timeOf(at) ?? new Date(Number(id.slice(id.lastIndexOf('.') + 1)) / 1e6)
  return (
    <Link to="/launches/$launch" params={{ launch: id }} underline="always">
      the launch of <When at={due} as="time" />
    </Link>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
