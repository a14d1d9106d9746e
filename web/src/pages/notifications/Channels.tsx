import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { timeOf } from '@/api/client'
import {
  channelsQuery,
  channelTypesQuery,
  deleteChannel,
  noticeKeys,
  testChannel,
  type Channel,
  type Message,
} from '@/api/notifications'
import { ask, attempt, tell } from '@/ui/act'
import list from '@/ui/alerts/List.module.css'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { May } from '@/ui/may'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { When } from '@/ui/When'
import { ChannelForm } from './ChannelForm'
import { Missing } from './Missing'
import type { NotificationsSearch } from './search'

/** The ways to reach people, or the form of one. */
export function Channels({ search: { create, edit } }: { search: NotificationsSearch }) {
  const channels = useQuery(channelsQuery)
  const types = useQuery(channelTypesQuery)
  if (!create && !edit)
    return (
      <Panel flush>
        <Loaded query={channels} what="the channels">
          {all => (all.length ? <List channels={all} /> : <None />)}
        </Loaded>
      </Panel>
    )
  return (
    <Panel title={create ? 'New channel' : `Channel ${edit}`}>
      <Loaded query={channels} what="the channels">
        {all => (
          <Loaded query={types} what="the types of channels">
            {known => {
              const channel = all.find(c => c.name === edit)
              if (edit && !channel) return <Missing tab="channels" what="channel" name={edit} />
              return <ChannelForm key={edit} types={known} channel={channel} names={all.map(c => c.name)} />
            }}
          </Loaded>
        )}
      </Loaded>
    </Panel>
  )
}

const None = () => (
  <Empty
    icon="bell"
    title="No channels yet"
    action={
      <May verb="admin" all>
        <LinkButton to="/notifications" search={{ tab: 'channels', create: true }}>
          New channel
        </LinkButton>
      </May>
    }
  >
    A channel is a way to reach people: mail, Slack, Teams, PagerDuty, ntfy, a webhook or a job. Create one and test it;
    then a rule says what is reported through it.
  </Empty>
)

const List = ({ channels }: { channels: readonly Channel[] }) => (
  <ul className={list.list} aria-label="Channels">
    {channels.map(channel => (
      <Item key={channel.name} channel={channel} />
    ))}
  </ul>
)

function Item({ channel: { name, type, stat } }: { channel: Channel }) {
  const [tested, setTested] = useState<Message>()
  const queries = useQueryClient()
  const failedAt = timeOf(stat?.last_error_at)
  const sentAt = timeOf(stat?.sent_at)
  const broken = failedAt && (!sentAt || failedAt > sentAt)
  const edit = { to: '/notifications', search: { tab: 'channels', edit: name } } as const

  async function remove() {
    const sure = await ask({
      title: `Delete the channel ${name}?`,
      children: 'What waits to be sent through it is dropped.',
      confirm: 'Delete',
      danger: true,
    })
    if (!sure) return
    const done = await attempt(`delete the channel ${name}`, async () => {
      await deleteChannel(name)
      return true
    })
    await queries.invalidateQueries({ queryKey: noticeKeys.channels })
    if (done) tell(`Deleted the channel ${name}`)
  }

  return (
    <li className={list.item}>
      <div className={list.what}>
        <div className={list.head}>
          <PlainLink {...edit} className={list.name}>
            {name}
          </PlainLink>
          <span>{type}</span>
        </div>
        {stat && (
          <div className={list.facts}>
            <span>{count(stat.sent)} delivered</span>
            <span>{count(stat.failed)} not delivered</span>
            {sentAt && (
              <span>
                last <When at={sentAt} />
              </span>
            )}
            {stat.waiting && <span>more to send</span>}
            <Link to="/notifications" search={{ tab: 'messages', channel: name }}>
              Messages
            </Link>
          </div>
        )}
        {!tested && broken && (
          <div className={list.reason} data-tone="bad">
            <When at={failedAt} />: {stat?.last_error}
          </div>
        )}
        <Outcome message={tested} />
      </div>
      <div className={list.actions}>
        <May verb="run" all>
          <Test name={name} tell={setTested} />
        </May>
        <May verb="admin" all>
          <LinkButton {...edit} size="xs" variant="default" aria-label={`Edit ${name}`}>
            Edit
          </LinkButton>
          <Button size="xs" variant="default" aria-label={`Delete ${name}`} onClick={() => void remove()}>
            Delete
          </Button>
        </May>
      </div>
    </li>
  )
}

/** What came of a test. */
function Outcome({ message }: { message: Message | undefined }) {
  if (!message) return <output />
  const { state, error } = message
  if (state === 'sent')
    return (
      <output className={list.reason} data-tone="good">
        The test message was delivered.
      </output>
    )
  if (state === 'failed')
    return (
      <output className={list.reason} data-tone="bad">
        The test message was not delivered: {error}
      </output>
    )
  return <output className={list.reason}>The test message still waits; see Messages for what comes of it.</output>
}

function Test({ name, tell: report }: { name: string; tell: (message: Message | undefined) => void }) {
  const [busy, setBusy] = useState(false)
  const queries = useQueryClient()
  const send = async () => {
    setBusy(true)
    report(undefined)
    report(await attempt(`test the channel ${name}`, () => testChannel(name)))
    setBusy(false)
    await queries.invalidateQueries({ queryKey: noticeKeys.channels })
    await queries.invalidateQueries({ queryKey: noticeKeys.messages })
  }
  return (
    <Button size="xs" variant="light" loading={busy} aria-label={`Test ${name}`} onClick={() => void send()}>
      Test
    </Button>
  )
}
