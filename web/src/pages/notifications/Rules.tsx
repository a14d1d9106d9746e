import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { channelsQuery, deleteRule, noticeKeys, rulesQuery, type Rule } from '@/api/notifications'
import { ask, attempt, tell } from '@/ui/act'
import list from '@/ui/alerts/List.module.css'
import { eventWords, matchWords, severityLook, durationWords } from '@/ui/alerts/words'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { May } from '@/ui/may'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { Badge, StateBadge } from '@/ui/StateBadge'
import { NoRules } from './Alerts'
import { Missing } from './Missing'
import { RuleForm } from './RuleForm'
import type { NotificationsSearch } from './search'

/** What is reported, of which jobs, to whom; or the form of one rule. */
export function Rules({ search: { create, edit } }: { search: NotificationsSearch }) {
  const rules = useQuery(rulesQuery)
  const channels = useQuery(channelsQuery)
  if (!create && !edit)
    return (
      <Panel flush>
        <Loaded query={rules} what="the rules">
          {all => (all.length ? <List rules={all} /> : <NoRules />)}
        </Loaded>
      </Panel>
    )
  return (
    <Panel title={create ? 'New rule' : `Rule ${edit}`}>
      <Loaded query={rules} what="the rules">
        {all => (
          <Loaded query={channels} what="the channels">
            {known => {
              const rule = all.find(r => r.name === edit)
              if (edit && !rule) return <Missing tab="rules" what="rule" name={edit} />
              if (!known.length) return <NoChannels />
              const names = known.map(c => c.name)
              return <RuleForm key={edit} rule={rule} names={all.map(r => r.name)} channels={names} />
            }}
          </Loaded>
        )}
      </Loaded>
    </Panel>
  )
}

const NoChannels = () => (
  <Empty
    icon="bell"
    title="A rule needs a channel"
    action={
      <May verb="admin" all>
        <LinkButton to="/notifications" search={{ tab: 'channels', create: true }}>
          New channel
        </LinkButton>
      </May>
    }
  >
    Create the channel first through which it reports.
  </Empty>
)

const List = ({ rules }: { rules: readonly Rule[] }) => (
  <ul className={list.list} aria-label="Rules">
    {rules.map(rule => (
      <Item key={rule.name} rule={rule} />
    ))}
  </ul>
)

function Item({ rule }: { rule: Rule }) {
  const { name, disabled, on, match, channels, severity, remind, quiet } = rule
  const edit = { to: '/notifications', search: { tab: 'rules', edit: name } } as const
  return (
    <li className={list.item}>
      <div className={list.what}>
        <div className={list.head}>
          <PlainLink {...edit} className={list.name}>
            {name}
          </PlainLink>
          <Badge look={severityLook(severity)} name={severity} />
          {disabled && <StateBadge state="disabled" />}
        </div>
        <div className={list.facts}>
          <span>{on.map(eventWords).join(', ')}</span>
        </div>
        <div className={list.facts}>
          <span>of {matchWords(match)}</span>
          <span>
            to {channels.length === 0 && 'the channels that the job names'}
            {channels.map((channel, i) => (
              <span key={channel}>
                {i > 0 && ', '}
                <Link to="/notifications" search={{ tab: 'channels', edit: channel }}>
                  {channel}
                </Link>
              </span>
            ))}
          </span>
          {remind && <span>reminds every {durationWords(remind)}</span>}
          {quiet && (
            <span>
              quiet {quiet.from}–{quiet.to} {quiet.zone || 'UTC'}
            </span>
          )}
        </div>
      </div>
      <div className={list.actions}>
        <May verb="admin" all>
          <LinkButton {...edit} size="xs" variant="default" aria-label={`Edit ${name}`}>
            Edit
          </LinkButton>
          <Delete name={name} />
        </May>
      </div>
    </li>
  )
}

function Delete({ name }: { name: string }) {
  const queries = useQueryClient()
  async function remove() {
    const sure = await ask({
      title: `Delete the rule ${name}?`,
      children: 'Its open alerts are closed. What it noticed before is still reported.',
      confirm: 'Delete',
      danger: true,
    })
    if (!sure) return
    const done = await attempt(`delete the rule ${name}`, async () => {
      await deleteRule(name)
      return true
    })
    await queries.invalidateQueries({ queryKey: noticeKeys.rules })
    await queries.invalidateQueries({ queryKey: noticeKeys.alerts })
    if (done) tell(`Deleted the rule ${name}`)
  }
  return (
    <Button size="xs" variant="default" aria-label={`Delete ${name}`} onClick={() => void remove()}>
      Delete
    </Button>
  )
}
