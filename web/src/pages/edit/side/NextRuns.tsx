import { Text } from '@mantine/core'
import type { Preview } from '@/api/jobs'
import { useZone } from '@/ui/zone'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { distance, localZone } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { dstWords, wallTime, wallTimeIn, zoneWords, type Instant } from '@/ui/wall'
import type { Mode } from '../model/form'
import classes from './side.module.css'

/** When a draft would run. */
export function NextRuns({ preview, mode }: { preview: Preview; mode: Mode }) {
  const now = useNow()
  const zone = useZone()
  if (preview.waits_for?.length)
    return (
      <Text size="sm">
        When{' '}
        {preview.waits_for.map((job, i) => (
          <span key={job}>
            {i > 0 && ', '}
            <Link to="/jobs/$job" params={{ job }} underline="always">
              {job}
            </Link>
          </span>
        ))}{' '}
        end as chosen. It has no schedule of its own.
      </Text>
    )
  if (preview.schedule === '@manually')
    return (
      <Text size="sm" c="dimmed">
        {mode === 'hand' ? 'Only when run manually.' : 'Enter a schedule to see the next runs.'}
      </Text>
    )
  if (preview.instants.length === 0)
    return (
      <Text size="sm">
        {preview.truncated ? 'None found in the period searched.' : 'Never: the schedule has no future times.'}
      </Text>
    )
  const differ = preview.instants.some(i => wallTime(i.local) !== wallTimeIn(i.at, zone))
  return (
    <>
      <ul className={classes.list}>
        {preview.instants.map(instant => (
          <Run key={instant.at} instant={instant} now={now} zone={zone} />
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt={6}>
        {differ && `In ${zoneWords(preview.timezone)}; you are in ${zone ?? localZone()}. `}
        {preview.disabled && 'Disabled: it will not run at these times.'}
      </Text>
    </>
  )
}

/** An instant in the job's zone, and in the reader's if that differs. */
function Run({ instant, now, zone }: { instant: Instant; now: number; zone?: string }) {
  const [own, yours] = [wallTime(instant.local), wallTimeIn(instant.at, zone)]
  const dst = dstWords(instant)
  return (
    <li className={classes.instant}>
      <span className={classes.local} title={instant.local}>
        {own}
      </span>
      <span className={classes.soft}>{distance(new Date(instant.at), now)}</span>
      {own !== yours && <span className={classes.soft}>{yours} for you</span>}
      {dst && (
        <span className={classes.dst}>
          <Icon name="alert" size={14} />
          {dst}
        </span>
      )}
    </li>
  )
}
