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
        ended as it says. It has no times of its own.
      </Text>
    )
  if (preview.schedule === '@manually')
    return (
      <Text size="sm" c="dimmed">
        {mode === 'hand'
          ? 'Never by itself: somebody runs it.'
          : 'Say when it is due, and the next times are shown here.'}
      </Text>
    )
  if (preview.instants.length === 0)
    return (
      <Text size="sm">
        {preview.truncated ? 'None within the time that was looked through.' : 'Never: there is no such time to come.'}
      </Text>
    )
  return (
    <>
      <ul className={classes.list}>
        {preview.instants.map(instant => (
          <Run key={instant.at} instant={instant} now={now} zone={zone} />
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt={6}>
        In {zoneWords(preview.timezone)}; you are in {zone ?? localZone()}.
        {preview.disabled && ' The job is disabled: none of these will be.'}
      </Text>
    </>
  )
}

/** An instant on the job's clock, and on the reader's if that shows another. */
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
