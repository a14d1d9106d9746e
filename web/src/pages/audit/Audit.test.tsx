import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { show as showPages, type Answers } from '@/testing/show'
import { Audit } from './Audit'
import { auditSearch } from './search'

const show = (search: string, answers: Answers = {}) =>
  showPages(
    `/settings/audit${search}`,
    [
      { path: '/settings/audit', validateSearch: auditSearch, component: Audit },
      { path: '/settings', component: () => 'the settings' },
      { path: '/jobs/$job', component: () => 'the page of a job' },
    ],
    answers,
  )

const record = (id: string, more: object) => ({
  id,
  at: '2026-11-24T03:00:00Z',
  index: 7,
  who: { name: 'ann', accessor: 'a1', how: 'token', address: '10.0.0.9' },
  server: 'srv-2',
  action: 'SetJob',
  kind: 'job',
  object: 'backup',
  job: 'backup',
  detail: '',
  before: null,
  after: null,
  cut: false,
  refused: false,
  ...more,
})

const page = (records: object[], more: object = {}) => ({ records, next: null, missing: [], ...more })

describe('the audit', () => {
  it('shows who changed what from where, and the change on demand', async () => {
    show('', {
      'GET /v1/audit': page([
        record('c2', { before: { name: 'backup', retries: 1 }, after: { name: 'backup', retries: 2 } }),
        record('c1', { after: { name: 'backup', retries: 1 } }),
        record('w1', { kind: 'launch', action: 'RunJob', object: 'backup.17' }),
      ]),
    })
    const items = await within(await screen.findByRole('list', { name: 'Audit' })).findAllByRole('listitem')
    expect(items.map(i => i.textContent)).toEqual([
      expect.stringContaining('Changed job backup'),
      expect.stringContaining('Created job backup'),
      expect.stringContaining('Ran backup'),
    ])
    expect(items[0]).toHaveTextContent('by ann')
    expect(items[0]).toHaveTextContent('from 10.0.0.9')
    await userEvent.click(within(items[0]!).getByRole('button', { name: /Show details/ }))
    expect(items[0]).toHaveTextContent('retries: 2')
    expect(items[0]).toHaveTextContent('retries: 1')
  })

  it('shows refused requests, and which servers were not reached', async () => {
    show('?refused=true', {
      'GET /v1/audit': page(
        [
          record('s1/4', {
            kind: 'request',
            action: 'GET /v1/jobs',
            object: '',
            job: '',
            refused: true,
            status: 401,
            count: 12,
            detail: 'a valid token is needed',
            who: { name: '', accessor: '', how: '', address: '10.6.6.6' },
          }),
        ],
        { missing: ['srv-3'] },
      ),
    })
    expect(await screen.findByText('Refused GET /v1/jobs, 12 times')).toBeVisible()
    expect(screen.getByText('by 10.6.6.6')).toBeVisible()
    expect(screen.getByText('a valid token is needed')).toBeVisible()
    expect(screen.getByRole('status')).toHaveTextContent('Not reached: srv-3')
  })

  it('keeps its filters in the address and asks the server for them', async () => {
    const { asked, router } = show('?kind=token', { 'GET /v1/audit': page([]) })
    expect(await screen.findByText('No entries match these filters')).toBeVisible()
    await userEvent.type(screen.getByLabelText('Who'), 'bob')
    await screen.findByText('No entries match these filters')
    await expect.poll(() => asked.at(-1)).toContain('who=bob')
    expect(asked.at(-1)).toContain('kind=token')
    expect(router.state.location.search).toMatchObject({ who: 'bob', kind: 'token' })
    expect(screen.getByRole('link', { name: 'Export' })).toHaveAttribute(
      'href',
      expect.stringContaining('format=ndjson'),
    )
  })
})
