import type { Objective } from '@/api/objectives'
import { Icon } from '@/ui/Icon'
import badge from '@/ui/StateBadge.module.css'
import { looks } from './words'

/** The state of an objective as a coloured icon with its word. */
export function ObjectiveBadge({ state }: Pick<Objective, 'state'>) {
  const { tone, icon, label } = looks[state]
  return (
    <span className={badge.badge} data-tone={tone}>
      <Icon name={icon} size={13} strokeWidth={2.6} />
      {label}
    </span>
  )
}
