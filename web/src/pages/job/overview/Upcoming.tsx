import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { timeOf, urlOf } from '@/api/client'
import { jobPreviewQuery, type Job, type Preview } from '@/api/jobs'
import { useZone } from '@/ui/zone'
import { Copy } from '@/ui/Copy'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { distance, localZone } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { endOf, parentsOf, runsHere } from '@/ui/words'
import { dstWords, wallTime, wallTimeIn, zoneWords, type Instant } from '@/ui/wall'
import { StateOf } from './Children'
import { nothingDue } from './nothingDue'
import classes from './Upcoming.module.css'

/** A job's next due times, or its parents. */
export function Upcoming({ job }: { job: Job }) {
  const query = useQuery(jobPreviewQuery(job.name))
  const aside = job.disabled ? <StateBadge state="disabled" /> : undefined
  return (
    <Panel title={parentsOf(job).length ? 'Waits for' : 'Upcoming runs'} aside={aside}>
      <Loaded query={query} what="the upcoming runs" lines={6}>
        {preview => {
          if (parentsOf(job).length) return <WaitsFor job={job} />
          if (job.schedule === '@manually') return <ByHand job={job} />
          return <Instants job={job} preview={preview} />
        }}
      </Loaded>
    </Panel>
  )
}

function Instants({ job, preview }: { job: Job; preview: Preview }) {
  const now = useNow()
  const reader = useZone()
  const { instants, timezone } = preview
  if (!instants.length)
    return (
      <Text size="sm" c="dimmed">
        {preview.truncated ? 'The next time is years away, if there is one.' : nothingDue(job, now)}
      </Text>
    )
  const rows = instants.map(i => ({ instant: i, own: wallTime(i.local), yours: wallTimeIn(i.at, reader) }))
  const differ = rows.some(r => r.own !== r.yours)
  return (
    <>
      <Text size="sm" c="dimmed" mb={6}>
        {job.disabled && 'Disabled: it will not run at these times. '}
        {differ
          ? `In ${zoneWords(timezone)}, then in your zone, ${reader ?? localZone()}.`
          : zoneLine(timezone, reader)}
      </Text>
      <ol className={classes.list}>
        {rows.map(row => (
          <Row key={row.instant.at} {...row} differ={differ} now={now} />
        ))}
      </ol>
      {preview.truncated && (
        <Text size="sm" c="dimmed">
          There may be more: the search took too long.
        </Text>
      )}
    </>
  )
}

/** The zone of the times; empty if it is the reader's. */
function zoneLine(zone: string, reader = localZone()) {
  return zone === '' || zone === 'Local' || zone === reader ? '' : `In ${zone}.`
}

interface RowProps {
  instant: Instant
  own: string
  yours: string
  differ: boolean
  now: number
}

function Row({ instant, own, yours, differ, now }: RowProps) {
  const dst = dstWords(instant)
  return (
    <li>
      <div className={classes.line}>
        <time dateTime={instant.at}>{own}</time>
        <span className={classes.far}>{distance(new Date(instant.at), now)}</span>
      </div>
      {differ && <div className={classes.soft}>{yours}</div>}
      {dst && (
        <div className={classes.dst} data-tone="wait">
          <Icon name="clock" size={14} />
          {dst}
        </div>
      )}
    </li>
  )
}

const wanted = { success: 'to succeed', failure: 'to fail', always: 'to end' }

function WaitsFor({ job }: { job: Job }) {
  const parents = parentsOf(job)
  const join =
    parents.length < 2
      ? 'It is launched when that happens.'
      : job.parents_join === 'any'
        ? 'It is launched each time one of these happens.'
        : 'It is launched when all of these have happened since its last launch.'
  return (
    <>
      <ul className={classes.list}>
        {parents.map(p => (
          <li key={p.job}>
            <PlainLink to="/jobs/$job" params={{ job: p.job }} className={classes.parent}>
              {p.job}
            </PlainLink>{' '}
            {wanted[endOf(p)]} <StateOf name={p.job} />
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed" mt={6}>
        {join}
        {job.schedule && ' Its schedule is ignored.'}
      </Text>
    </>
  )
}

function ByHand({ job }: { job: Job }) {
  const name = encodeURIComponent(job.name)
  const command = `curl -X POST ${urlOf(runsHere(job) ? `v1/jobs/${name}/run` : `v1/checkins/${name}`)}`
  return (
    <>
      {runsHere(job) ? (
        <Text size="sm">
          It only runs manually. Press <b>Run now</b>, or use a script:
        </Text>
      ) : (
        <CheckIn job={job} />
      )}
      <div className={classes.command}>
        <code>{command}</code>
        <Copy text={command} label="Copy the command" />
      </div>
    </>
  )
}

function CheckIn({ job: { checkin } }: { job: Job }) {
  return (
    <Text size="sm">
      {checkin && (
        <>
          A run began on {checkin.from}, <When at={timeOf(checkin.started_at)} />.{' '}
        </>
      )}
      It runs elsewhere and checks in:
    </Text>
  )
}
