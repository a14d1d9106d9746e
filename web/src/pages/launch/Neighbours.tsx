import { ActionIcon, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { createLink, useNavigate } from '@tanstack/react-router'
import { timeOf } from '@/api/client'
import { launchesOfQuery, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { useShortcuts } from '@/ui/shortcuts'
import { lookOf } from '@/ui/state'
import { clockTime } from '@/ui/time'
import { useZone } from '@/ui/zone'
import { neighboursOf } from './neighbours'

/** Links, and keys, to the launches of the same job before and after. */
export function Neighbours({ launch }: { launch: Launch }) {
  const navigate = useNavigate()
  const { data } = useQuery(launchesOfQuery(launch))
  const { previous, next } = neighboursOf(data?.items ?? [], launch)
  const go = (to?: Launch) => to && void navigate({ to: '/launches/$launch', params: { launch: to.id } })
  useShortcuts([
    { keys: '[', what: 'Previous launch of the job', action: () => go(previous) },
    { keys: ']', what: 'Next launch of the job', action: () => go(next) },
  ])
  return (
    <ActionIcon.Group>
      <Step to={previous} what="Previous launch" none={data && 'No earlier launch is kept'} icon="chevronLeft" />
      <Step to={next} what="Next launch" none={data && 'This is the newest launch'} icon="chevronRight" />
    </ActionIcon.Group>
  )
}

const IconLink = createLink(ActionIcon<'a'>)

interface StepProps {
  to: Launch | undefined
  what: string
  /** What is said if there is none; absent while that is not known. */
  none: string | undefined
  icon: 'chevronLeft' | 'chevronRight'
}

function Step({ to, what, none, icon }: StepProps) {
  const zone = useZone()
  const at = timeOf(to?.scheduled_at)
  const label = to ? `${what}: ${lookOf(to.state).label}${at ? `, ${clockTime(at, zone)}` : ''}` : (none ?? what)
  return (
    <Tooltip label={label}>
      {to ? (
        <IconLink
          component="a"
          to="/launches/$launch"
          params={{ launch: to.id }}
          variant="default"
          size={36}
          aria-label={label}
        >
          <Icon name={icon} />
        </IconLink>
      ) : (
        <ActionIcon variant="default" size={36} aria-label={label} aria-disabled="true" data-disabled>
          <Icon name={icon} />
        </ActionIcon>
      )}
    </Tooltip>
  )
}
