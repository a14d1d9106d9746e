import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { mount } from '@/testing/show'
import { timelineSearch } from './search'
import { Timeline } from './Timeline'

const now = Date.now()
const iso = (ms: number) => new Date(ms).toISOString()

const ran = (job: string, node: string, ago: number, outcome?: string) => ({
  job,
  id: `${ago}-${node}`,
  launch: `${job}.${ago}`,
  attempt: 1,
  lateness_ms: 0,
  state: outcome ?? 'running',
  at: iso(now - ago * 1000),
  ended_at: outcome ? iso(now - ago * 1000 + 2500) : null,
})

const launched = (job: string, ago: number, state: string) => ({
  id: `${job}.${ago}`,
  state,
  at: iso(now - ago * 1000),
  ended_at: state === 'running' ? null : iso(now - ago * 1000 + 2500),
})

const summed = (...jobs: object[]) => ({
  from: iso(now - 1e7),
  until: iso(now + 1e7),
  gap: 20,
  single: 20,
  total: 43,
  truncated: false,
  complete_from: iso(now - 1e7),
  jobs,
})

const answers: Record<string, unknown> = {
  '/v1/executions/nodes': {
    ...summed(),
    jobs: undefined,
    nodes: [
      {
        node: 'n1',
        count: 7203,
        states: { success: 7201, failed: 1, running: 1 },
        executions: [ran('probe', 'n1', 400, 'failed'), ran('export', 'n1', 30)],
        bands: [
          {
            at: iso(now - 900_000),
            until: iso(now - 300_000),
            count: 7201,
            bad: 0,
            busy: 100,
            state: 'success',
            launch: 'backup.7',
          },
        ],
      },
    ],
    displaynames: { export: 'Export of orders' },
  },
  '/v1/launches/jobs': summed(
    { job: 'backup', launches: [launched('backup', 300, 'success')] },
    { job: 'export', launches: [launched('export', 30, 'running')] },
    {
      job: 'probe',
      launches: [],
      bands: [
        {
          at: iso(now - 900_000),
          until: iso(now - 400_000),
          count: 40,
          bad: 2,
          busy: 100,
          state: 'failed',
          launch: 'probe.7',
        },
      ],
    },
    {
      job: 'train',
      displayname: 'Morning train',
      launches: [{ ...launched('train', 200, 'no_target'), reason: 'Nothing matched.' }],
    },
  ),
  '/v1/due/jobs': {
    from: iso(now),
    until: iso(now + 1e7),
    gap: 20,
    total: 1,
    truncated: false,
    targets: [{ nodes: ['n1'], count: 1 }],
    jobs: [{ job: 'report', displayname: '', targets: 0, due: [{ at: iso(now + 300_000) }] }],
  },
  '/v1/due/minutes': {
    from: '2026-11-24T10:00:00Z',
    counts: Array.from({ length: 1440 }, (_, i) => (i === 245 ? 312 : 3)),
    total: 4629,
    truncated: false,
  },
  '/v1/members': ['n1', 'n2'].map(Name => ({ Name, statusText: 'alive', Tags: {} })),
  '/v1/settings': { history: { count: 100 } },
}

let asked: URL[] = []

beforeEach(() => {
  asked = []
  localStorage.setItem('dkron-preferences', JSON.stringify({ zone: 'UTC' }))
  HTMLCanvasElement.prototype.getContext = () => null
  vi.spyOn(globalThis, 'fetch').mockImplementation(async input => {
    const url = new URL((input as Request).url)
    asked.push(url)
    const answer = answers[url.pathname.slice(url.pathname.indexOf('/v1'))]
    return new Response(JSON.stringify(answer ?? []), { headers: { 'Content-Type': 'application/json' } })
  })
})

const show = (address = '/timeline') =>
  mount(address, [
    { path: '/timeline', validateSearch: timelineSearch, component: Timeline },
    { path: '/launches/$launch', component: () => 'the launch' },
  ]).router

test('has a row for each job that ran, is running, did not run or is due', async () => {
  show()
  const rows = await screen.findByRole('list', { name: 'Jobs' })
  const names = within(rows).getAllByRole('link')
  expect(names.map(l => l.textContent)).toEqual(['backup', 'export', 'Morning train', 'probe', 'report'])
  expect(names[0]).toHaveAttribute('href', '/jobs/backup')
  expect(names[2]).toHaveAttribute('href', '/jobs/train')
  expect(within(rows).getByText('2 failed')).toBeInTheDocument()
  expect(within(rows).getByText('40 runs')).toBeInTheDocument()
  expect(within(rows).getByText('1 not run')).toBeInTheDocument()
  expect(within(rows).getByText('1 due')).toBeInTheDocument()
})

test('by node shows all that ran, and which nodes are idle, and keeps the choice in the address', async () => {
  const router = show()
  await userEvent.click(await screen.findByText('By node'))
  expect(await screen.findByText('1 node idle')).toBeInTheDocument()
  const rows = screen.getByRole('list', { name: 'Nodes' })
  expect(within(rows).getByText('7,203 runs')).toBeInTheDocument()
  expect(within(rows).getByText('1 failed')).toBeInTheDocument()
  expect(router.state.location.search).toMatchObject({ by: 'node' })
})

test('a lost run is not counted as failed: it may have succeeded', async () => {
  const before = answers['/v1/executions/nodes']
  const executions = [ran('probe', 'n1', 400, 'failed'), ran('warm-up', 'n1', 60, 'lost')]
  answers['/v1/executions/nodes'] = { ...summed(), nodes: [{ node: 'n1', executions, bands: [] }], displaynames: {} }
  show('/timeline?by=node')
  const rows = await screen.findByRole('list', { name: 'Nodes' })
  expect(await within(rows).findByText('1 lost')).toBeInTheDocument()
  expect(within(rows).getByText('1 failed')).toBeInTheDocument()
  answers['/v1/executions/nodes'] = before
})

test('a band of a node may be of several jobs', async () => {
  show('/timeline?by=node&table=true')
  const band = await screen.findByRole('row', { name: /several jobs/ })
  expect(band).toHaveTextContent(/^n1success 7,201 runs.*several jobslaunch$/)
  expect(screen.getByRole('link', { name: 'Export of orders' })).toHaveAttribute('href', '/jobs/export')
})

test('keys go from row to row and from entry to entry, and open a launch', async () => {
  const router = show()
  const picture = await screen.findByRole('application')
  picture.focus()
  await userEvent.keyboard('{ArrowDown}')
  expect(await screen.findByText(/^backup, started at .*, success after 2.5 s$/)).toBeInTheDocument()
  await userEvent.keyboard('{ArrowDown}{Enter}')
  await waitFor(() => expect(router.state.location.pathname).toBe('/launches/export.30'))
})

test('shows the same as a table', async () => {
  show('/timeline?table=true')
  const table = await screen.findByRole('table')
  const lines = within(table)
    .getAllByRole('row')
    .map(r => r.textContent)
  expect(lines).toHaveLength(6)
  expect(lines[1]).toMatch(/^backupsuccess.*2\.5 s–launch$/)
  expect(lines[4]).toMatch(/^probefailed 40 runs, 2 failed.*–.*launch$/)
  expect(lines[5]).toMatch(/^reportdue.*n1–$/)
})

test('asks the server for the filtered jobs, and says if there are none', async () => {
  const before = answers['/v1/launches/jobs']
  answers['/v1/launches/jobs'] = summed()
  show('/timeline?search=back&failed=true')
  await screen.findByText('No jobs match these filters')
  const past = asked.find(u => u.pathname.endsWith('/v1/launches/jobs'))
  expect(past?.searchParams.get('_search')).toBe('back')
  expect(past?.searchParams.getAll('state')).toEqual(['failed', 'timed_out', 'lost', 'missed', 'no_target'])
  expect(asked.filter(u => /executions|jobs$/.test(u.pathname) && !/launches|due/.test(u.pathname))).toEqual([])
  answers['/v1/launches/jobs'] = before
  await userEvent.click(screen.getByRole('button', { name: 'Show all' }))
  expect(await screen.findByRole('link', { name: 'export' })).toBeInTheDocument()
})

test('an empty picture offers a way to now, unless it shows now', async () => {
  const [past, due] = [answers['/v1/launches/jobs'], answers['/v1/due/jobs']]
  answers['/v1/launches/jobs'] = summed()
  answers['/v1/due/jobs'] = { ...(due as object), jobs: [], total: 0 }
  const router = show('/timeline?at=2026-11-24T14:05:00.000Z&span=900')
  await screen.findByText('Nothing ran or is due in this period')
  await userEvent.click(screen.getAllByRole('button', { name: 'Now' }).at(-1)!)
  await waitFor(() => expect(router.state.location.search).toEqual({}))
  await waitFor(() => expect(screen.getAllByRole('button', { name: 'Now' })).toHaveLength(1)) // that of the toolbar
  answers['/v1/launches/jobs'] = past
  answers['/v1/due/jobs'] = due
})

test('by node the server filters too', async () => {
  show('/timeline?search=back&failed=true&by=node')
  await screen.findByRole('list', { name: 'Nodes' })
  const executions = asked.find(u => u.pathname.endsWith('/v1/executions/nodes'))
  expect(executions?.searchParams.get('_search')).toBe('back')
  expect(executions?.searchParams.getAll('state')).toEqual(['failed', 'timed_out', 'lost'])
  const launches = asked.find(u => u.pathname.endsWith('/v1/launches/jobs'))
  expect(launches?.searchParams.getAll('state')).toEqual(['missed', 'no_target'])
})

test('a job that is due every second is a band, and what is summed up is explained', async () => {
  const before = answers['/v1/due/jobs']
  const due = [{ at: iso(now + 1000), until: iso(now + 600_000), count: 600, every: 1 }]
  answers['/v1/due/jobs'] = {
    ...(before as object),
    gap: 3600,
    total: 601,
    jobs: [{ job: 'beat', displayname: '', targets: 0, due }],
  }
  const past = answers['/v1/launches/jobs']
  answers['/v1/launches/jobs'] = summed()
  show('/timeline?search=beat')
  expect(await screen.findByText(/due times: those of a job that are less than 1 h apart are one band/)).toBeVisible()
  expect(asked.find(u => u.pathname.endsWith('/v1/due/jobs'))?.searchParams.get('_search')).toBe('beat')
  expect(asked.find(u => u.pathname.endsWith('/v1/due/minutes') && u.search.includes('_search=beat'))).toBeDefined()
  ;(await screen.findByRole('application')).focus()
  await userEvent.keyboard('{ArrowDown}')
  expect(await screen.findByText(/^beat is due every 1 s, 600 times from .* to .*, on n1$/)).toBeInTheDocument()
  answers['/v1/due/jobs'] = before
  answers['/v1/launches/jobs'] = past
})

test('the heat map has a cell per minute that opens its place in the timeline', async () => {
  const router = show()
  const cell = await screen.findByRole('gridcell', { name: '14:05 – 312 runs' })
  expect(screen.getByText(/To spread a peak/)).toBeInTheDocument()
  await userEvent.click(cell)
  await waitFor(() => expect(router.state.location.search).toMatchObject({ at: '2026-11-24T14:05:00.000Z', span: 900 }))
})

test('zooms by keys and buttons; the address follows', async () => {
  const router = show()
  await userEvent.click(await screen.findByText('6 h'))
  await waitFor(() => expect(router.state.location.search).toMatchObject({ span: 21600 }))
  await userEvent.click(screen.getByRole('button', { name: 'Zoom in' }))
  await waitFor(() => expect(router.state.location.search).toMatchObject({ span: 14400 }))
})
