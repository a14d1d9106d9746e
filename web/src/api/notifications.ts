import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, body, slice, type Schemas } from './client'

export type Alert = Schemas['Alert']
export type AlertEvent = Schemas['AlertEvent']
export type Channel = Schemas['Channel']
export type ChannelWrite = Schemas['ChannelWrite']
export type Match = Schemas['AlertMatch']
export type Message = Schemas['Message']
export type MessageState = Schemas['MessageState']
export type Rule = Schemas['Rule']
export type RuleWrite = Schemas['RuleWrite']
export type Silence = Schemas['Silence']
export type SilenceWrite = Schemas['SilenceWrite']
/** A type of channels, with its keys as it describes them. */
export type ChannelType = Schemas['ChannelType']

export const noticeKeys = {
  alerts: ['alerts'] as const,
  messages: ['messages'] as const,
  channels: ['channels'] as const,
  rules: ['rules'] as const,
  silences: ['silences'] as const,
}

/** What is wrong now, newest first. The bell of every page shares it, so it is one read. */
export const alertsQuery = queryOptions({
  queryKey: noticeKeys.alerts,
  queryFn: ({ signal }) => slice(api.GET('/v1/alerts', { signal, params: { query: { _start: 0, _end: 500 } } })),
})

/** Those of one job, newest first. */
export const jobAlertsQuery = (job: string) =>
  queryOptions({
    queryKey: [...noticeKeys.alerts, job],
    queryFn: ({ signal }) =>
      slice(api.GET('/v1/alerts', { signal, params: { query: { job: [job], _start: 0, _end: 500 } } })),
  })

/** Acknowledges an alert: there are no more reminders of it. */
export const ackAlert = (number: number, note: string) =>
  body(api.POST('/v1/alerts/{number}/ack', { params: { path: { number } }, body: { note } }))

interface MessageFilter {
  channel?: string
  state?: MessageState
}

/** The feed, newest first. Nothing of the event stream reports that one was sent, so it is read again while one waits. */
export const messagesQuery = (filter: MessageFilter, limit: number) =>
  infiniteQueryOptions({
    queryKey: [...noticeKeys.messages, filter, limit],
    queryFn: ({ signal, pageParam }) =>
      slice(
        api.GET('/v1/messages', {
          signal,
          params: { query: { ...filter, _start: pageParam, _end: pageParam + limit } },
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.reduce((sum, page) => sum + page.items.length, 0)
      return last.items.length && shown < last.total ? shown : undefined
    },
    placeholderData: keepPreviousData,
    refetchInterval: query =>
      query.state.data?.pages.some(page => page.items.some(m => m.state === 'waiting')) ? 2000 : 5000,
  })

/** Sends a message again, with the same id. */
export const resendMessage = (number: number) =>
  body(api.POST('/v1/messages/{number}/resend', { params: { path: { number } } }))

export const channelsQuery = queryOptions({
  queryKey: noticeKeys.channels,
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/channels', { signal }))).items,
})

/** The types of channels that this version has. */
export const channelTypesQuery = queryOptions({
  queryKey: ['channel types'],
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/channel-types', { signal }))).items,
  staleTime: 60_000,
  refetchInterval: false,
})

export const putChannel = (name: string, channel: ChannelWrite) =>
  body(api.PUT('/v1/channels/{channel}', { params: { path: { channel: name } }, body: channel }))

export const deleteChannel = (name: string) =>
  body(api.DELETE('/v1/channels/{channel}', { params: { path: { channel: name } } }))

/** Sends a test message and answers with what came of it. */
export const testChannel = (name: string) =>
  body(api.POST('/v1/channels/{channel}/test', { params: { path: { channel: name } } }))

/** What a message would say: about a past launch, or about an invented failure. */
export const previewChannel = (name: string, preview: Schemas['ChannelPreviewAsk']) =>
  body(api.POST('/v1/channels/{channel}/preview', { params: { path: { channel: name } }, body: preview }))

export const rulesQuery = queryOptions({
  queryKey: noticeKeys.rules,
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/rules', { signal }))).items,
})

export const putRule = (name: string, rule: RuleWrite) =>
  body(api.PUT('/v1/rules/{rule}', { params: { path: { rule: name } }, body: rule }))

export const deleteRule = (name: string) => body(api.DELETE('/v1/rules/{rule}', { params: { path: { rule: name } } }))

/** Newest first, also those that are over. */
export const silencesQuery = queryOptions({
  queryKey: noticeKeys.silences,
  queryFn: async ({ signal }) => (await slice(api.GET('/v1/silences', { signal }))).items,
})

export const addSilence = (silence: SilenceWrite) => body(api.POST('/v1/silences', { body: silence }))

export const endSilence = (number: number) =>
  body(api.DELETE('/v1/silences/{number}', { params: { path: { number } } }))
