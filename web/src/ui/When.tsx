import { Text, Tooltip } from '@mantine/core'
import { useZone } from './zone'
import { clockTime, distance, localZone } from './time'
import { useFromNow } from './useNow'

interface Props {
  at: Date | undefined
  /** Shown if there is no time. */
  none?: string
  /** The distance, as `3 min ago`, or the time itself. */
  as?: 'distance' | 'time'
}

/** A time in the reader's zone; the other form, and UTC, on hover. */
export function When({ at, none = '–', as = 'distance' }: Props) {
  const zone = useZone()
  const far = useFromNow(now => (at ? distance(at, now) : ''))
  if (!at)
    return (
      <Text component="span" c="dimmed" inherit>
        {none}
      </Text>
    )
  const time = clockTime(at, zone)
  const utc = zone === 'UTC' ? '' : ` · ${clockTime(at, 'UTC')} UTC`
  const label = `${as === 'distance' ? `${time} ${zone ?? localZone()}` : far}${utc}`
  return (
    <Tooltip label={label} openDelay={300}>
      <time dateTime={at.toISOString()}>{as === 'distance' ? far : time}</time>
    </Tooltip>
  )
}
