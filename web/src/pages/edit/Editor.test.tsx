import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { mount } from '@/testing/show'
import { descriptions } from './testing'
import { Editor } from './Editor'
import type { Definition } from './model/form'

interface Sent {
  method: string
  path: string
  body: unknown
}

const preview = {
  schedule: '',
  timezone: '',
  disabled: false,
  instants: [],
  targets: { nodes: [], count: 0, matching: [] },
}

let sent: Sent[]
let taken: string[]

/** The server's warnings: triggered by one word of the schedule, command or URL. */
function warningsOf({
  schedule,
  executor_config: config,
}: {
  schedule?: string
  executor_config?: Record<string, string>
}) {
  const warning = (field: string, what: string, refused = false) => ({ field, text: `${field} ${what}`, refused })
  return [
    ...(schedule === '@odd' ? [warning('schedule', 'is odd; write another')] : []),
    ...(config?.command === 'odd' ? [warning('executor_config.command', 'is odd; write another')] : []),
    ...(config?.url === 'ftp' ? [warning('executor_config.url', 'must begin with http://', true)] : []),
    ...(config?.Url ? [warning('executor_config.Url', 'is unknown and ignored; did you mean url?')] : []),
    ...(config?.Url ? [warning('executor_config.Uri', 'is unknown and ignored')] : []),
  ]
}

const channels = ['team', 'pager']

/** The server's review of one job: it knows no `retrys`, and only some channels. */
function reviewOf([job]: Definition[]) {
  const problem = (field: string, text: string) => ({ job: 'a', field, text, severity: 'warning', refused: false })
  const missing = ((job?.channels ?? []) as string[]).filter(name => !channels.includes(name))
  const problems = [
    ...(job?.retrys === undefined ? [] : [problem('retrys', 'retrys is unknown and ignored; did you mean retries?')]),
    ...missing.map(name => problem('channels', `channels has ${name}, which does not exist`)),
  ]
  return { errors: 0, warnings: problems.length, problems, changes: [] }
}

/** A server that has the jobs of `taken`, and refuses one schedule. */
async function answer(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^.*\/v1/, '/v1')
  const body: unknown = request.method === 'GET' ? undefined : await request.json()
  sent.push({ method: request.method, path, body })
  const wrong = JSON.stringify(body ?? '').includes('"wrong"')
  if (wrong) return new Response("Job validation failed: can't parse job schedule: wrong.", { status: 400 })
  if (path === '/v1/executors') return Response.json(descriptions)
  if (path === '/v1/processors') return Response.json([])
  if (path === '/v1/channels') return Response.json(channels.map(name => ({ name, type: 'mail' })))
  if (path === '/v1/preview') return Response.json({ ...preview, warnings: warningsOf(body as Definition) })
  if (path === '/v1/restore')
    return Response.json({ create: [], update: [], unchanged: [], ...reviewOf(body as Definition[]) })
  const job = /^\/v1\/jobs\/(.+)$/.exec(path)?.[1]
  if (request.method === 'GET' && job)
    return taken.includes(job) ? Response.json({ name: job, revision: 1 }) : new Response('', { status: 404 })
  return Response.json({ ...(body as object), revision: 2 })
}

beforeEach(() => {
  sent = []
  taken = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(request => answer(request as Request))
})

function show(start: Definition) {
  const none: Definition = {}
  mount('/', [
    { path: '/', component: () => <Editor opened={none} start={start} title="New job" /> },
    { path: '/jobs/$job', component: () => <p>the page of the job</p> },
  ])
  return userEvent.setup({ delay: null })
}

const good = { name: 'a', schedule: '@daily', executor: 'shell', executor_config: { command: 'true' }, future: [1] }
const changes = () => sent.filter(({ method, path }) => method !== 'GET' && path.startsWith('/v1/jobs'))
const save = () => screen.getByRole('button', { name: 'Save' })

describe('the editor', () => {
  it('suggests a name, and shows what is missing on save', async () => {
    const user = show({})
    await user.type(await screen.findByLabelText('Display name'), 'Tägliche Kopie')
    expect(screen.getByLabelText('Name')).toHaveValue('tagliche-kopie')
    expect(screen.queryByText(/Enter a schedule, or/)).not.toBeInTheDocument()
    await user.click(save())
    expect(await screen.findByText(/Enter a schedule, or/)).toBeInTheDocument()
    expect(screen.getByText('Choose an executor.')).toBeInTheDocument()
    expect(changes()).toEqual([])
  })

  it('stores the whole job with unknown fields, and opens its page', async () => {
    const user = show(good)
    await user.type(await screen.findByLabelText('Owner', { selector: 'input' }), 'ops')
    await user.keyboard('{Control>}{Enter}{/Control}')
    expect(await screen.findByText('the page of the job')).toBeInTheDocument()
    expect(changes()).toEqual([{ method: 'POST', path: '/v1/jobs', body: { ...good, owner: 'ops' } }])
  })

  it('does not overwrite a job with the same name', async () => {
    taken = ['a']
    const user = show(good)
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await screen.findByText('A job named a exists')).toBeInTheDocument()
    expect(changes()).toEqual([])
  })

  it('shows the server’s error at the field', async () => {
    const user = show(good)
    const field = await screen.findByLabelText('Schedule')
    await user.clear(field)
    await user.type(field, 'wrong')
    await waitFor(() => expect(field).toHaveAccessibleDescription(/Can't parse job schedule: wrong/), { timeout: 3000 })
    await user.click(save())
    expect(changes()).toEqual([])
    expect(field).toHaveFocus()
  })

  it('asks before leaving unsaved changes', async () => {
    const user = show(good)
    await user.click(await screen.findByRole('link', { name: 'Cancel' }))
    expect(await screen.findByText('Leave without saving?')).toBeInTheDocument()
    expect(screen.getByLabelText('Display name')).toBeInTheDocument()
  })

  it('shows the server’s warnings at the field, or next to the form', async () => {
    const user = show({ ...good, schedule: '@odd', executor_config: { command: 'odd', Url: 'x' } })
    expect(await screen.findByText('command is odd; write another.')).toBeVisible()
    expect(screen.getByText('schedule is odd; write another.')).toBeVisible()
    const side = screen.getByRole('complementary', { name: 'Preview' })
    expect(screen.getByText('Url is unknown and ignored; did you mean url?')).toBeVisible()
    expect(side).toHaveTextContent('executor_config.Uri is unknown and ignored.')
    expect(side).not.toHaveTextContent(/is odd|Url/)
    await user.click(save())
    expect(changes()).toEqual([])
    const list = await screen.findByRole('list', { name: 'Problems' })
    expect(list).toHaveTextContent(/schedule is odd.*command is odd.*Uri is unknown/)
    await user.click(within(list).getByRole('button', { name: /schedule is odd/ }))
    await waitFor(() => expect(screen.getByLabelText('Schedule')).toHaveFocus())
    await user.click(await screen.findByRole('button', { name: 'Save anyway' }))
    expect(await screen.findByText('the page of the job')).toBeInTheDocument()
  })

  it('shows an unknown key before it saves', async () => {
    const user = show({ ...good, retrys: 3 })
    await user.click(await screen.findByRole('button', { name: 'Save' }))
    expect(await screen.findByText(/retrys is unknown and ignored; did you mean retries/)).toBeVisible()
    expect(changes()).toEqual([])
    expect(await screen.findByRole('button', { name: 'Can be saved, with 1 warning' }, { timeout: 3000 })).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Save anyway' }))
    expect(await screen.findByText('the page of the job')).toBeInTheDocument()
  })

  it('offers the stored channels, and says which of the named ones are missing', async () => {
    const user = show({ ...good, channels: ['team'] })
    const field = await screen.findByRole('combobox', { name: 'Channels' })
    await user.click(field)
    await user.click(await screen.findByRole('option', { name: 'pager' }))
    await user.type(field, 'gone,lost,')
    await waitFor(() => expect(field).toHaveAccessibleDescription(/also go to these channels/), { timeout: 3000 })
    expect(
      await screen.findByText(/gone, which does not exist.*lost, which does not exist/, {}, { timeout: 3000 }),
    ).toBeVisible()
    await user.click(save())
    await user.click(await screen.findByRole('button', { name: 'Save anyway' }))
    expect(await screen.findByText('the page of the job')).toBeInTheDocument()
    expect(changes()).toEqual([
      { method: 'POST', path: '/v1/jobs', body: { ...good, channels: ['team', 'pager', 'gone', 'lost'] } },
    ])
  })

  it('says nothing of one executor at the next', async () => {
    const user = show({ ...good, executor_config: { command: 'odd' } })
    expect(await screen.findByText('command is odd; write another.')).toBeVisible()
    await user.selectOptions(screen.getByLabelText('Executor'), 'http')
    expect(screen.queryByText('command is odd; write another.')).not.toBeInTheDocument()
    await waitFor(() =>
      expect(sent.filter(({ body }) => (body as Definition | undefined)?.executor === 'http')).not.toEqual([]),
    )
    expect(screen.queryByText('Keys and values')).not.toBeInTheDocument()
  })

  it('does not send what the server would refuse', async () => {
    const user = show({ ...good, executor: 'http', executor_config: { method: 'GET', url: 'ftp' } })
    expect(await screen.findByText('url must begin with http://.')).toBeVisible()
    await user.click(save())
    expect(changes()).toEqual([])
  })
})
