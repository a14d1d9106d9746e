import type { MessageState } from '@/api/notifications'
import { defined, flag, oneOf, text } from '@/ui/search'

export const tabs = ['alerts', 'messages', 'channels', 'rules', 'silences'] as const
export type Tab = (typeof tabs)[number]

/** All states of a message. */
export const messageStates = ['waiting', 'sent', 'failed'] as const satisfies readonly MessageState[]

export interface NotificationsSearch {
  /** Alerts without it. */
  tab?: Tab
  /** The channel or rule that is edited. */
  edit?: string
  /** Whether a new channel, rule or silence is written. */
  create?: true
  /** The job that a new silence is for. */
  job?: string
  /** Filters of the messages. */
  channel?: string
  state?: MessageState
}

export function notificationsSearch(search: Record<string, unknown>): NotificationsSearch {
  return defined({
    tab: oneOf(search, 'tab', tabs),
    edit: text(search, 'edit'),
    create: flag(search, 'create'),
    job: text(search, 'job'),
    channel: text(search, 'channel'),
    state: oneOf(search, 'state', messageStates),
  })
}
