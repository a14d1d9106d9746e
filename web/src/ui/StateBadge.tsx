import { Icon } from './Icon'
import classes from './StateBadge.module.css'
import { lookOf, type Look, type State } from './state'
import { useHint } from './useHint'
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
export const StateBadge = ({ state, ...rest }: Props) => <Badge look={lookOf(state)} name={state || 'none'} {...rest} />

interface BadgeProps extends Omit<Props, 'state'> {
  look: Look
  /** For tests and styles. */
  name: string
}

/** Anything that has a look of its own, as a state has. */
export function Badge({ look, name, reason, compact, more }: BadgeProps) {
  const { watch, hint } = useHint(() => (reason ? `${look.meaning} ${plainReason(reason, name)}` : look.meaning))
  return (
    <>
      <span
        className={classes.badge}
        data-tone={look.tone}
        data-compact={compact || undefined}
        data-state={name}
        {...watch}
      >
        <Icon name={look.icon} size={compact ? 12 : 13} strokeWidth={2.6} />
        <span className={compact ? 'spoken' : undefined}>
          {look.label}
          {more && ` ${more}`}
        </span>
      </span>
      {hint}
    </>
  )
}
