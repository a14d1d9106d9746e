import { useQuery } from '@tanstack/react-query'
import { alertsQuery, channelsQuery, rulesQuery } from '@/api/notifications'
import { AlertList } from '@/ui/alerts/AlertList'
import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { ListFoot } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'

/** What is wrong now. */
export function Alerts() {
  const query = useQuery(alertsQuery)
  return (
    <Panel flush>
      <Loaded query={query} what="the alerts">
        {({ items, total }) =>
          items.length ? (
            <>
              <AlertList alerts={items} />
              {total > items.length && (
                <ListFoot>
                  The newest {count(items.length)} of {count(total)} open alerts.
                </ListFoot>
              )}
            </>
          ) : (
            <NoAlerts />
          )
        }
      </Loaded>
    </Panel>
  )
}

/** Nothing is wrong, or nothing is watched: then what to do first. */
function NoAlerts() {
  const channels = useQuery(channelsQuery)
  const rules = useQuery(rulesQuery)
  if (channels.data?.length === 0)
    return (
      <Empty
        icon="bell"
        title="Nobody is notified yet"
        action={
          <May verb="admin" all>
            <LinkButton to="/notifications" search={{ tab: 'channels', create: true }}>
              New channel
            </LinkButton>
          </May>
        }
      >
        First create a channel, the way to reach people: mail, Slack, a webhook or others. Then a rule says what is
        reported through it.
      </Empty>
    )
  if (rules.data?.length === 0) return <NoRules />
  const tracks = rules.data?.some(rule => rule.on.includes('recovered') || rule.remind)
  return (
    <Empty icon="check" title="No open alerts">
      {rules.data && !tracks
        ? 'No rule keeps alerts open: add “Recovered” or reminders to one, and its problems stay here until the job succeeds.'
        : 'A problem that a rule notices is here until the job succeeds.'}
    </Empty>
  )
}

export const NoRules = () => (
  <Empty
    icon="bell"
    title="No rules yet"
    action={
      <May verb="admin" all>
        <LinkButton to="/notifications" search={{ tab: 'rules', create: true }}>
          New rule
        </LinkButton>
      </May>
    }
  >
    A rule says what is reported, of which jobs, and through which channels.
  </Empty>
)
