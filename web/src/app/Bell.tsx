import { ActionIcon, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { alertsQuery } from '@/api/notifications'
import { eventWords } from '@/ui/alerts/words'
import { Icon } from '@/ui/Icon'
import { LinkMenuItem } from '@/ui/link'
import { count } from '@/ui/size'
import { When } from '@/ui/When'
import { jobNameOf } from '@/ui/words'
import classes from './Bell.module.css'

const most = 6

/** How many alerts nobody has acknowledged, and the newest of them. Nothing if there are none. */
export function Bell() {
  const { data } = useQuery(alertsQuery)
  const open = (data?.items ?? []).filter(alert => !alert.acked_at)
  if (!open.length) return null
  const shown = open.length > 99 ? '99+' : String(open.length)
  const label = `${shown} ${open.length === 1 ? 'alert' : 'alerts'} not acknowledged`
  return (
    <Menu position="bottom-end" width={330} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={label} className={classes.bell}>
          <Icon name="bell" />
          <span className={classes.count} data-tone="bad">
            {shown}
          </span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        {open.slice(0, most).map(({ number, job, displayname, event, since }) => (
          <LinkMenuItem key={number} to="/jobs/$job" params={{ job }}>
            <span className={classes.job}>{jobNameOf({ job, displayname })}</span>
            <span className={classes.fact}>
              {eventWords(event)}, <When at={timeOf(since)} />
            </span>
          </LinkMenuItem>
        ))}
        {open.length > most && <Menu.Label>and {count(open.length - most)} more</Menu.Label>}
        <Menu.Divider />
        <LinkMenuItem to="/notifications">All alerts</LinkMenuItem>
      </Menu.Dropdown>
    </Menu>
  )
}
