import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { show, stored, type Answers } from './testing'

afterEach(() => vi.unstubAllGlobals())

const execution = (n: number, outcome: string, attempt = 1) => ({
  id: `${n}-n1`,
  job_name: 'a',
  launch_id: `a.${n}`,
  node_name: 'n1',
  attempt,
  outcome,
  success: outcome === 'success',
  started_at: `2026-11-24T03:0${n}:00Z`,
  finished_at: `2026-11-24T03:0${n}:02Z`,
  lateness_ms: 4,
})

const nothing = { p50: null, p95: null, max: null }
const answers: Answers = {
  'GET /v1/jobs/a': stored,
  'GET /v1/jobs/a/executions': [execution(2, 'failed'), execution(1, 'success')],
  'GET /v1/jobs/a/stats': { executions: 2, success_rate: 0.5, duration_ms: nothing, lateness_ms: nothing, since: null },
  'GET /v1/jobs/a/preview': {
    schedule: '@hourly',
    timezone: 'Europe/Berlin',
    disabled: false,
    instants: [{ at: '2027-10-31T00:30:00Z', local: '2027-10-31T02:30:00+02:00', dst: 'overlap-first' }],
    targets: { nodes: [], count: 0, matching: [] },
  },
  'GET /v1/members': [{ Name: 'n1', statusText: 'alive', Tags: { role: 'web' } }],
  'GET /v1/launches': [],
  'GET /v1/jobs/a/processors': [],
}

describe('the page of a job', () => {
  it('shows its state and schedule', async () => {
    show('/jobs/a', answers)
    const title = await screen.findByRole('heading', { level: 1, name: /Backup/ })
    expect(title).toHaveTextContent('Backupsuccess')
    expect(screen.getByText('Every hour')).toBeVisible()
    expect(screen.getByRole('link', { name: 'data' })).toHaveAttribute('href', 'mailto:data@example.com')
  })

  it('says in which zone it is due', async () => {
    const job = { ...stored, schedule: '0 30 3 * * *', schedule_text: 'Every day at 03:30', timezone: 'Europe/Berlin' }
    show('/jobs/a', { ...answers, 'GET /v1/jobs/a': job })
    expect(await screen.findByText('Every day at 03:30 (Europe/Berlin)')).toBeVisible()
  })

  it('does not say that a launch runs which waits for a node', async () => {
    const job = { ...stored, status: 'running', running: 1, health: 'did_not_run' }
    const waiting = { id: 'a.9', job: 'a', state: 'waiting', cause: 'schedule', scheduled_at: '2026-11-24T03:09:00Z', nodes: 0 } // prettier-ignore
    show('/jobs/a', { ...answers, 'GET /v1/jobs/a': job, 'GET /v1/launches': [waiting] })
    const title = await screen.findByRole('heading', { level: 1, name: /Backup/ })
    await waitFor(() => expect(title).toHaveTextContent('Backupdid not runwaiting'))
    expect(await screen.findByText('0 running, 1 waiting, 0 queued')).toBeVisible()
  })

  it('shows its open alerts, and silences it for a time', async () => {
    let written: unknown
    const at = '2026-11-24T03:00:00Z'
    const alert = { number: 1, rule: 'all', severity: 'critical', job: 'a', event: 'failed', since: at, last: at, count: 2, launch: 'a.2', reason: 'exit code 7', acked_at: null, acked_by: '', note: '' } // prettier-ignore
    show('/jobs/a', {
      ...answers,
      'GET /v1/alerts': (r: Request) =>
        [alert].filter(one => new URL(r.url).searchParams.getAll('job').includes(one.job)),
      'GET /v1/silences': [],
      'POST /v1/silences': async (r: Request) => ((written = await r.json()), { number: 1, match: {} }),
    })
    expect(await screen.findByText('exit code 7')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Silence for 8 h' }))
    await userEvent.type(await screen.findByLabelText(/^Reason/), 'work')
    await userEvent.click(screen.getByRole('button', { name: 'Silence' }))
    expect(await screen.findByText('Backup is silent for 8 h')).toBeVisible()
    expect(written).toEqual({ match: { jobs: ['a'] }, duration: '8h', reason: 'work' })
  })

  it('says that it is silent, and why', async () => {
    const silence = { number: 1, match: { jobs: ['[a-c]'] }, from: '2026-01-01T00:00:00Z', until: '2999-01-01T00:00:00Z', reason: 'the disk is replaced', created_by: 'ann' } // prettier-ignore
    show('/jobs/a', { ...answers, 'GET /v1/silences': [silence, { ...silence, number: 2, match: { jobs: ['b'] } }] })
    expect(await screen.findByText('the disk is replaced, by ann')).toBeVisible()
    expect(screen.getAllByRole('button', { name: 'End now' })).toHaveLength(1)
  })

  it('warns that no node has the tags, and marks clock changes', async () => {
    show('/jobs/a', answers)
    expect(await screen.findByText('No live node matches its tags')).toBeVisible()
    expect(await screen.findByText('no live node, needs 1')).toBeVisible()
    expect(await screen.findByText(/show 02:30 twice/)).toBeVisible()
  })

  it('shows its warnings', async () => {
    const text = 'schedule never fires: no year has such a day'
    const preview = {
      ...(answers['GET /v1/jobs/a/preview'] as object),
      warnings: [{ field: 'schedule', text, refused: false }],
    }
    show('/jobs/a', { ...answers, 'GET /v1/jobs/a/preview': preview })
    expect(await screen.findByText(`${text}.`)).toBeVisible()
    expect(screen.getByRole('heading', { name: 'Warnings' })).toBeVisible()
  })

  it('lets the arrow keys walk along the history', async () => {
    const user = userEvent.setup()
    const { router } = show('/jobs/a', answers)
    const newest = await screen.findByRole('link', { name: /^failed, started/ })
    newest.focus()
    await user.keyboard('{ArrowLeft}')
    const oldest = screen.getByRole('link', { name: /^success, started .*, on n1, took 2.0 s, start delay 4 ms$/ })
    expect(oldest).toHaveFocus()
    expect(newest).toHaveAttribute('tabindex', '-1')
    await user.keyboard('{Enter}')
    await waitFor(() => expect(router.state.location.pathname).toBe('/launches/a.1'))
  })

  it('says that there is no such job', async () => {
    show('/jobs/nope', answers)
    expect(await screen.findByText('No job named “nope”')).toBeVisible()
  })
})

describe('its actions', () => {
  it('run it and go to the launch', async () => {
    const user = userEvent.setup()
    const { router } = show('/jobs/a', { ...answers, 'POST /v1/jobs/a/run': { ...stored, launch_id: 'a.7' } })
    await user.click(await screen.findByRole('button', { name: 'Run now' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/launches/a.7'))
  })

  it('do not run a job that checks in, and say how it does', async () => {
    const checkin = { started_at: '2026-11-23T03:00:00Z', from: 'db1', by: '10.0.0.7' }
    const outside = { ...stored, executor: 'checkin', schedule: '@manually', next: '0001-01-01T00:00:00Z', checkin }
    show('/jobs/a', { ...answers, 'GET /v1/jobs/a': outside })
    expect(await screen.findByText(/\/v1\/checkins\/a$/)).toBeVisible()
    expect(screen.getByText(/A run began on db1/)).toBeVisible()
    expect(screen.getByRole('button', { name: 'Disable' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Run now' })).not.toBeInTheDocument()
    expect(screen.queryByText('Target nodes now')).not.toBeInTheDocument()
    expect(screen.getByText('The job runs elsewhere and checks in.')).toBeVisible()
  })

  it('disable it, and undo that', async () => {
    const user = userEvent.setup()
    let disabled = false
    const { asked } = show('/jobs/a', {
      ...answers,
      'GET /v1/jobs/a': () => ({ ...stored, disabled }),
      'POST /v1/jobs/a/toggle': () => ({ ...stored, disabled: (disabled = !disabled) }),
    })
    await user.click(await screen.findByRole('button', { name: 'Disable' }))
    await user.click(await screen.findByRole('button', { name: 'Undo' }))
    await waitFor(() => expect(disabled).toBe(false))
    expect(asked.filter(a => a.startsWith('POST'))).toHaveLength(2)
  })

  it('delete it after a question, and restore it', async () => {
    const user = userEvent.setup()
    const created: unknown[] = []
    const { asked, router } = show('/jobs/a', {
      ...answers,
      'DELETE /v1/jobs/a': stored,
      'PUT /v1/jobs/a': async (request: Request) => {
        created.push(await request.json())
        return stored
      },
    })
    await user.click(await screen.findByRole('button', { name: 'More actions' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
    const question = await screen.findByRole('dialog')
    expect(asked.some(a => a.startsWith('DELETE'))).toBe(false)
    await user.click(within(question).getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/jobs'))
    await user.click(await screen.findByRole('button', { name: 'Undo' }))
    await waitFor(() => expect(created).toHaveLength(1))
    expect(created[0]).toMatchObject({ name: 'a', schedule: '@hourly', tags: { role: 'db:1' } })
  })

  it('delete it and stop its launches, if chosen', async () => {
    const user = userEvent.setup()
    const running = { ...stored, running: 2 }
    const { asked } = show('/jobs/a', { ...answers, 'GET /v1/jobs/a': running, 'DELETE /v1/jobs/a': running })
    await user.click(await screen.findByRole('button', { name: 'More actions' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Delete' }))
    const question = await screen.findByRole('dialog')
    await user.click(within(question).getByRole('checkbox', { name: /Also stop 2 running launches/ }))
    await user.click(within(question).getByRole('button', { name: 'Delete' }))
    await waitFor(() => expect(asked).toContain('DELETE /v1/jobs/a?stop='))
  })

  it('do not delete a job with children', async () => {
    const user = userEvent.setup()
    show('/jobs/a', { ...answers, 'GET /v1/jobs/a': { ...stored, dependent_jobs: ['b'] } })
    await user.click(await screen.findByRole('button', { name: 'More actions' }))
    expect(await screen.findByRole('menuitem', { name: 'Delete' })).toBeDisabled()
  })

  it('stop it with a reason', async () => {
    const user = userEvent.setup()
    const { asked } = show('/jobs/a', {
      ...answers,
      'GET /v1/jobs/a': { ...stored, running: 1 },
      'POST /v1/jobs/a/stop': { stopped: 1 },
    })
    await user.click(await screen.findByRole('button', { name: 'Stop' }))
    await user.type(await screen.findByLabelText('Reason'), 'wrong day{Enter}')
    await waitFor(() => expect(asked).toContain('POST /v1/jobs/a/stop?reason=wrong%20day'))
  })
})

const version = (revision: number, command: string) => ({
  revision,
  updated_at: '2026-11-24T03:00:00Z',
  updated_by: 'ops',
  job: { name: 'a', executor: 'shell', executor_config: { command } },
})

describe('its versions', () => {
  const versions = [version(3, 'three'), version(2, 'two'), version(1, 'one')]

  it('are compared with the one before', async () => {
    show('/jobs/a?tab=versions&revision=2', { ...answers, 'GET /v1/jobs/a/versions': versions })
    expect(await screen.findByText(/command: two/)).toBeVisible()
    expect(screen.getByText(/command: one/)).toBeVisible()
    expect(screen.queryByText(/command: three/)).toBeNull()
  })

  it('are reverted to after the change was shown', async () => {
    const user = userEvent.setup()
    const { asked } = show('/jobs/a?tab=versions&revision=1', {
      ...answers,
      'GET /v1/jobs/a/versions': versions,
      'POST /v1/jobs/a/versions/1/revert': stored,
    })
    await user.click(await screen.findByRole('button', { name: 'Revert to this' }))
    const question = await screen.findByRole('dialog')
    expect(within(question).getByText(/command: three/)).toBeVisible()
    expect(within(question).getByText(/command: one/)).toBeVisible()
    await user.click(within(question).getByRole('button', { name: 'Revert' }))
    await waitFor(() => expect(asked).toContain('POST /v1/jobs/a/versions/1/revert'))
  })
})

it('lists launches as the address filters them', async () => {
  const { asked } = show('/jobs/a?tab=launches&state=%5B%22skipped%22%5D', answers)
  expect(await screen.findByText('No launches match')).toBeVisible()
  expect(asked.some(a => a.startsWith('GET /v1/launches?job=a&state=skipped'))).toBe(true)
})
