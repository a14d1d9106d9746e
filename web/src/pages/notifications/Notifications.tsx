import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { alertsQuery } from '@/api/notifications'
import { Icon, type IconName } from '@/ui/Icon'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Page } from '@/ui/Page'
import { count } from '@/ui/size'
import { Alerts } from './Alerts'
import { Channels } from './Channels'
import { Messages } from './Messages'
import classes from './Notifications.module.css'
import { Rules } from './Rules'
import { tabs, type NotificationsSearch, type Tab } from './search'
import { Silences } from './Silences'

const route = getRouteApi('/notifications')

const looks: Record<Tab, { label: string; icon: IconName; one?: string }> = {
  alerts: { label: 'Alerts', icon: 'bell' },
  messages: { label: 'Messages', icon: 'upload' },
  channels: { label: 'Channels', icon: 'flag', one: 'channel' },
  rules: { label: 'Rules', icon: 'filter', one: 'rule' },
  silences: { label: 'Silences', icon: 'pause', one: 'silence' },
}

/** What is wrong, what was reported to whom, and the rules for that. */
export function Notifications() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useQuery(alertsQuery)
  const { tab = 'alerts' } = search
  const list = useRef<HTMLDivElement>(null)

  // On a phone the tabs scroll: keep the open one visible.
  useEffect(() => {
    list.current?.querySelector(`[data-tab=${tab}]`)?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [tab])

  const open = data?.items.filter(alert => !alert.acked_at).length ?? 0
  return (
    <Page
      title="Notifications"
      below="What needs somebody now, what was reported to whom, and the rules for that."
      actions={<Create search={search} />}
    >
      <Tabs
        value={tab}
        onChange={value => void navigate({ search: { tab: value === 'alerts' ? undefined : (value as Tab) } })}
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List ref={list} className={classes.tabList}>
          {tabs.map(t => (
            <Tabs.Tab key={t} value={t} data-tab={t} leftSection={<Icon name={looks[t].icon} size={16} />}>
              {looks[t].label}
              {t === 'alerts' && open > 0 && ` ${count(open)}`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} pt="md">
          <Part search={search} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

/** Opens the form of what the tab lists, which is also the first thing to do on a new cluster. */
function Create({ search: { tab = 'alerts', create, edit } }: { search: NotificationsSearch }) {
  const { one } = looks[tab]
  if (!one || create || edit) return null
  return (
    <May verb={tab === 'silences' ? 'write' : 'admin'} all>
      <LinkButton to="/notifications" search={{ tab, create: true }} leftSection={<Icon name="plus" size={16} />}>
        New {one}
      </LinkButton>
    </May>
  )
}

function Part({ search }: { search: NotificationsSearch }) {
  switch (search.tab) {
    case 'messages':
      return <Messages search={search} />
    case 'channels':
      return <Channels search={search} />
    case 'rules':
      return <Rules search={search} />
    case 'silences':
      return <Silences search={search} />
    default:
      return <Alerts />
  }
}
