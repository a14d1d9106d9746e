import { useZone } from './zone'
import { clockTime, distance, localZone } from './time'
import { useHint } from './useHint'
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
  const { watch, hint } = useHint(() => {
    if (!at) return ''
    const utc = zone === 'UTC' ? '' : ` · ${clockTime(at, 'UTC')} UTC`
    return `${as === 'distance' ? `${clockTime(at, zone)} ${zone ?? localZone()}` : far}${utc}`
  })
  if (!at) return <span style={{ color: 'var(--text-soft)' }}>{none}</span>
  return (
    <>
      <time dateTime={at.toISOString()} {...watch}>
        {as === 'distance' ? far : clockTime(at, zone)}
      </time>
      {hint}
    </>
  )
}
