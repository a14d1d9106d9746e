import { show as showPages, type Answers } from '@/testing/show'
import { Notifications } from './Notifications'
import { notificationsSearch } from './search'

/** Shows a part of the page, with a network that answers from the table. */
export const show = (search: string, answers: Answers = {}) =>
  showPages(
    `/notifications${search}`,
    [
      { path: '/notifications', validateSearch: notificationsSearch, component: Notifications },
      { path: '/jobs/$job', component: () => 'the page of a job' },
      { path: '/launches/$launch', component: () => 'the page of a launch' },
    ],
    {
      'GET /v1/alerts': [],
      'GET /v1/channels': [],
      'GET /v1/rules': [],
      'GET /v1/silences': [],
      'GET /v1/messages': [],
      'GET /v1/launches': [],
      'GET /v1/channel-types': types,
      ...answers,
    },
  )

const at = '2026-11-24T03:00:00Z'

export const alert = (number: number, more: object = {}) => ({
  number,
  rule: 'all',
  severity: 'critical',
  job: `job-${number}`,
  displayname: '',
  event: 'failed',
  since: at,
  last: at,
  count: 3,
  launch: `job-${number}.1`,
  reason: 'exit code 1 on n1',
  acked_at: null,
  acked_by: '',
  note: '',
  ...more,
})

export const channel = (name: string, more: object = {}) => ({
  name,
  type: 'webhook',
  settings: { url: 'https://example.com/hook' },
  revision: 1,
  updated_at: at,
  updated_by: 'ann',
  stat: { sent: 3, failed: 1, waiting: false, sent_at: at, last_error: '', last_error_at: null },
  ...more,
})

export const message = (number: number, more: object = {}) => ({
  number,
  channel: 'ops',
  at,
  state: 'sent',
  test: false,
  by: '',
  items: [item(`job-${number}`)],
  more: 0,
  total: 1,
  attempts: 0,
  next: null,
  error: '',
  ended_at: at,
  setting: '',
  resendable: true,
  ...more,
})

export const item = (job: string, more: object = {}) => ({
  title: `${job} failed`,
  rule: 'all',
  severity: 'warning',
  job,
  event: 'failed',
  count: 1,
  first: at,
  last: at,
  launch: `${job}.1`,
  reason: 'exit code 1 on n1',
  alert: 0,
  acked_at: null,
  acked_by: '',
  note: '',
  silenced: null,
  ...more,
})

export const rule = {
  name: 'all',
  disabled: false,
  on: ['first_failure', 'recovered'],
  match: { jobs: ['backup-*'] },
  channels: ['ops'],
  severity: 'warning',
  remind: '4h0m0s',
  revision: 1,
  updated_at: at,
  updated_by: 'ann',
}

const key = (title: string, more: object = {}) => ({ type: 'string', title, description: `The ${title}.`, ...more })

const types = [
  {
    type: 'mail',
    schema: {
      description: 'Sends each message by mail.',
      properties: { to: key('To'), password: key('Password', { format: 'password' }) },
      required: ['to'],
    },
  },
  {
    type: 'webhook',
    schema: {
      description: 'Posts each message to an address.',
      properties: {
        url: key('URL'),
        headers: key('Headers', { format: 'multiline' }),
        body: key('Body', { format: 'multiline', 'x-advanced': true }),
      },
      required: ['url'],
    },
  },
]
