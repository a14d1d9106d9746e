import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { show as showPages, type Answers } from '@/testing/show'
import { Secrets } from './Secrets'
import { secretsSearch } from './search'

const show = (search: string, answers: Answers = {}) =>
  showPages(
    `/settings/secrets${search}`,
    [
      { path: '/settings/secrets', validateSearch: secretsSearch, component: Secrets },
      { path: '/settings', component: () => 'the settings' },
      { path: '/jobs/$job', component: () => 'the page of a job' },
    ],
    {
      'GET /v1/secrets': [],
      'GET /v1/secret-keys': [{ id: 'ab12', seals: true, here: true, secrets: 0 }],
      ...answers,
    },
  )

const at = '2026-11-24T03:00:00Z'

const secret = (name: string, more: object = {}) => ({
  name,
  jobs: [],
  used_by: { jobs: [], job_count: 0, channels: [] },
  key: 'ab12',
  readable: true,
  revision: 1,
  created_at: at,
  updated_at: at,
  updated_by: 'ann',
  value_set_at: at,
  ...more,
})

describe('secrets', () => {
  it('show who uses them, for which jobs they are, and never a value', async () => {
    const many = { jobs: ['a', 'b', 'c', 'd', 'e', 'f'], job_count: 120, channels: ['ops'] }
    show('', {
      'GET /v1/secrets': [
        secret('db', { used_by: many, jobs: ['billing-*'] }),
        secret('old', { readable: false, key: 'cd34' }),
      ],
    })
    const [first, second] = await within(await screen.findByRole('list', { name: 'Secrets' })).findAllByRole('listitem')
    expect(first).toHaveTextContent('only for billing-*')
    expect(first).toHaveTextContent('Used by a, b, c, d, e and 115 more')
    expect(first).toHaveTextContent('Used by the channel ops')
    expect(within(first!).getByRole('link', { name: 'a' })).toHaveAttribute('href', '/jobs/a')
    expect(second).toHaveTextContent('Not used')
    expect(second).toHaveTextContent('This server lacks the key cd34')
  })

  it('are written with a value, which must be given', async () => {
    let written: unknown
    const { router } = show('?create=true', {
      'PUT /v1/secrets/db': async (r: Request) => ((written = await r.json()), secret('db')),
    })
    await userEvent.type(await screen.findByLabelText(/^Name/), 'db')
    await userEvent.type(screen.getByLabelText(/^Value/), 'correct horse')
    await userEvent.type(screen.getByLabelText(/^Jobs that may use it/), 'a, b-*')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved the secret db')).toBeVisible()
    expect(written).toEqual({ value: 'correct horse', jobs: ['a', 'b-*'] })
    expect(router.state.location.search).toEqual({})
  })

  it('keep their value when only their jobs change', async () => {
    let written: unknown
    show('?edit=db', {
      'GET /v1/secrets': [secret('db', { jobs: ['a'] })],
      'PUT /v1/secrets/db': async (r: Request) => ((written = await r.json()), secret('db')),
    })
    expect(await screen.findByLabelText(/^Value/)).toHaveValue('')
    await userEvent.clear(screen.getByLabelText(/^Jobs that may use it/))
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Saved the secret db')).toBeVisible()
    expect(written).toEqual({ jobs: [] })
  })

  it('show the server’s refusal at its field', async () => {
    show('?create=true', {
      'PUT /v1/secrets/db': () => new Response('value has fewer than 4 bytes', { status: 400 }),
    })
    await userEvent.type(await screen.findByLabelText(/^Name/), 'db')
    await userEvent.type(screen.getByLabelText(/^Value/), 'abc')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('value has fewer than 4 bytes')).toBeVisible()
    expect(screen.getByLabelText(/^Value/)).toHaveFocus()
  })

  it('that are used are deleted only after a warning', async () => {
    const { asked } = show('', {
      'GET /v1/secrets': [secret('db', { used_by: { jobs: ['a'], job_count: 1, channels: [] } })],
      'DELETE /v1/secrets/db': () => new Response(null, { status: 204 }),
    })
    await userEvent.click(await screen.findByRole('button', { name: 'Delete db' }))
    expect(await screen.findByText(/Jobs and channels refer to it/)).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Delete anyway' }))
    expect(await screen.findByText('Deleted the secret db')).toBeVisible()
    expect(asked).toContain('DELETE /v1/secrets/db?force=true')
  })

  it('say what to do without a key', async () => {
    show('', { 'GET /v1/secret-keys': [] })
    expect(await screen.findByText('This server has no key for secrets')).toBeVisible()
    expect(screen.getByText('--secrets-key-file')).toBeVisible()
  })
})
