import { Tooltip } from '@mantine/core'
import { Icon } from './Icon'
import classes from './StateBadge.module.css'
import { lookOf, type State } from './state'
import { plainReason } from './words'

interface Props {
  state: State
  /** Why it is in that state; shown after its meaning. */
  reason?: string
  /** Only the icon, for dense lists. */
  compact?: boolean
  /** After the word, as `× 45`. */
  more?: string
}

/** A state as a coloured icon with its word. */
export function StateBadge({ state, reason, compact, more }: Props) {
  const look = lookOf(state)
  return (
    <Tooltip
      label={reason ? `${look.meaning} ${plainReason(reason)}` : look.meaning}
      openDelay={300}
      multiline
      maw={340}
    >
      <span
        className={classes.badge}
        data-tone={look.tone}
        data-compact={compact || undefined}
        data-state={state || 'none'}
      >
        <Icon name={look.icon} size={compact ? 12 : 13} strokeWidth={2.6} />
        <span className={compact ? 'spoken' : undefined}>
          {look.label}
          {more && ` ${more}`}
        </span>
      </span>
    </Tooltip>
  )
}
