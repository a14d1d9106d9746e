import { Button, Select } from '@mantine/core'
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { timeOf } from '@/api/client'
import { channelsQuery, messagesQuery, noticeKeys, resendMessage, type Message } from '@/api/notifications'
import { attempt, tell } from '@/ui/act'
import list from '@/ui/alerts/List.module.css'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { ListEnd } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count, counted } from '@/ui/size'
import type { Look } from '@/ui/state'
import { Badge } from '@/ui/StateBadge'
import { When } from '@/ui/When'
import classes from './Notifications.module.css'
import { messageStates, type NotificationsSearch } from './search'

const route = getRouteApi('/notifications')

const looks: Record<Message['state'] | 'retrying', Look> = {
  waiting: { tone: 'wait', icon: 'clock', label: 'waiting', meaning: 'It is sent as soon as its channel may get one.' },
  retrying: { tone: 'bad', icon: 'rerun', label: 'retrying', meaning: 'It could not be sent yet, and is tried again.' },
  sent: { tone: 'good', icon: 'check', label: 'delivered', meaning: 'The receiver accepted it.' },
  failed: { tone: 'bad', icon: 'cross', label: 'not delivered', meaning: 'It was given up. It can be sent again.' },
}

const lookOf = ({ state, attempts }: Message): Look => looks[state === 'waiting' && attempts ? 'retrying' : state]

const page = 50

/** What was sent to whom, and what could not be. */
export function Messages({ search }: { search: NotificationsSearch }) {
  const { channel, state } = search
  const navigate = route.useNavigate()
  const channels = useQuery(channelsQuery)
  const query = useInfiniteQuery(messagesQuery({ channel, state }, page))
  const change = (part: NotificationsSearch) => void navigate({ search: { ...search, ...part }, replace: true })
  const names = (channels.data ?? []).map(c => c.name)
  return (
    <Panel flush>
      <div className={classes.filters}>
        <Select
          aria-label="Channel"
          placeholder="Any channel"
          clearable
          data={(channel && !names.includes(channel) ? [...names, channel] : names).map(value => ({
            value,
            label: channelWords(value),
          }))}
          value={channel ?? null}
          onChange={value => change({ channel: value ?? undefined })}
        />
        <Select
          aria-label="State"
          placeholder="Any state"
          clearable
          data={messageStates.map(value => ({ value, label: looks[value].label }))}
          value={state ?? null}
          onChange={value => change({ state: (value ?? undefined) as Message['state'] | undefined })}
        />
      </div>
      <Loaded query={query} what="the messages">
        {({ pages }) => {
          // What arrives between two reads moves the others to the next page.
          const messages = [...new Map(pages.flatMap(p => p.items).map(m => [m.number, m])).values()]
          if (!messages.length) return <Nothing filtered={!!(channel || state)} />
          return (
            <>
              <ul className={list.list} aria-label="Messages">
                {messages.map(message => (
                  <Item key={message.number} message={message} />
                ))}
              </ul>
              <ListEnd query={query} shown={shownOf(messages.length, pages.at(-1)!.total)}>
                <span>Kept for 7 days</span>
              </ListEnd>
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

/** `63 messages`, or `50 of 63 messages`. */
const shownOf = (shown: number, total: number) =>
  (shown < total ? `${count(shown)} of ` : '') + counted(Math.max(shown, total), 'message')

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty
        icon="filter"
        title="No messages match these filters"
        action={
          <LinkButton variant="default" to="/notifications" search={{ tab: 'messages' }}>
            Show all messages
          </LinkButton>
        }
      />
    )
  return (
    <Empty icon="upload" title="Nothing was sent yet">
      What rules notice is sent through channels, and each message is here for 7 days. What the servers’ own settings
      report is here only if it could not be sent. To try it, test a channel.
    </Empty>
  )
}

const settings: Record<string, string> = {
  'settings:mail': 'mail-host',
  'settings:webhook': 'webhook-endpoint',
  'settings:pre-webhook': 'pre-webhook-endpoint',
  'settings:cronitor': 'cronitor-endpoint',
}

/** A channel's name; what the servers' settings send is named for its setting. */
const channelWords = (channel: string) => (settings[channel] ? `the setting ${settings[channel]}` : channel)

const titleOf = ({ test, channel, items, total }: Message) =>
  test ? `Test of the channel ${channel}` : (items[0]?.title ?? counted(total, 'alert'))

function Item({ message }: { message: Message }) {
  const { number, channel, state, test, items, more, total, attempts, error, by } = message
  const others = items.length - 1 + more
  const next = timeOf(message.next)
  const one = !test && items.length === 1 ? items[0] : undefined
  return (
    <li className={list.item} data-message={number}>
      <div className={list.what}>
        <div className={list.head}>
          <Badge look={lookOf(message)} name={state} />
          <span className={list.name}>
            {titleOf(message)}
            {others > 0 && ` and ${count(others)} more`}
          </span>
        </div>
        {error && (
          <div className={list.reason} data-tone="bad">
            {error}
          </div>
        )}
        <div className={list.facts}>
          <span>
            <When at={timeOf(message.at)} /> {message.setting ? 'through' : 'to'}{' '}
            <Link to="/notifications" search={{ tab: 'messages', channel }}>
              {channelWords(channel)}
            </Link>
          </span>
          {state === 'waiting' && attempts > 0 && (
            <span>
              {counted(attempts, 'attempt')} failed{next && ', next '}
              {next && <When at={next} />}
            </span>
          )}
          {total > 1 && <span>{counted(total, 'event')}</span>}
          {one && <About item={one} />}
          {by && <span>by {by}</span>}
          {one && <Since item={one} />}
          {message.resendable === false && <span>not sent again: it says what happens at that moment</span>}
        </div>
        {items.length > 1 && (
          <details className={classes.details}>
            <summary>What it reports</summary>
            <ul className={classes.items}>
              {items.map((item, i) => (
                // oxlint-disable-next-line react/no-array-index-key -- a message never changes
                <li key={i}>
                  {item.title}
                  {item.count > 1 && ` (${counted(item.count, 'time')})`}
                  {item.reason && `: ${item.reason}`} <About item={item} /> <Since item={item} />
                </li>
              ))}
              {more > 0 && <li>and {count(more)} more, which it only counts</li>}
            </ul>
          </details>
        )}
      </div>
      <div className={list.actions}>
        {message.resendable !== false && (state === 'failed' || (state === 'waiting' && attempts > 0)) && (
          <Resend message={message} />
        )}
      </div>
    </li>
  )
}

/** Links to what an item is about. */
function About({ item: { rule, job, launch } }: { item: Message['items'][number] }) {
  return (
    <>
      {rule && (
        <Link to="/notifications" search={{ tab: 'rules', edit: rule }}>
          Rule {rule}
        </Link>
      )}{' '}
      {launch ? (
        <Link to="/launches/$launch" params={{ launch }}>
          Launch
        </Link>
      ) : (
        job && (
          <Link to="/jobs/$job" params={{ job }}>
            Job {job}
          </Link>
        )
      )}
    </>
  )
}

/** What people have done since about what an item reports. */
function Since({ item: { acked_at, acked_by, note, silenced } }: { item: Message['items'][number] }) {
  return (
    <>
      {acked_at && (
        <span>
          Acknowledged{acked_by && ` by ${acked_by}`} <When at={timeOf(acked_at)} />
          {note && `: ${note}`}{' '}
        </span>
      )}
      {silenced && (
        <span>
          Silenced{silenced.by && ` by ${silenced.by}`} <When at={timeOf(silenced.at)} />, until{' '}
          <When at={timeOf(silenced.until)} />
          {silenced.reason && `: ${silenced.reason}`}
        </span>
      )}
    </>
  )
}

function Resend({ message }: { message: Message }) {
  const [busy, setBusy] = useState(false)
  const queries = useQueryClient()
  const verb = message.state === 'failed' ? 'Send again' : 'Send now'
  const send = async () => {
    setBusy(true)
    const done = await attempt('send the message again', () => resendMessage(message.number))
    await queries.invalidateQueries({ queryKey: noticeKeys.messages })
    setBusy(false)
    if (done) tell(`It is being sent ${message.setting ? 'through' : 'to'} ${channelWords(message.channel)}`)
  }
  return (
    <May verb="run" all>
      <Button
        size="xs"
        variant="default"
        loading={busy}
        aria-label={`${verb}: ${titleOf(message)}`}
        onClick={() => void send()}
      >
        {verb}
      </Button>
    </May>
  )
}
