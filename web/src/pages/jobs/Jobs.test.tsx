import { notifications } from '@mantine/notifications'
import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Job } from '@/api/jobs'
import { setPreferences } from '@/preferences/preferences'
import { mount } from '@/testing/show'
import { listen } from '@/ui/shortcuts'
import { Jobs } from './Jobs'
import { jobsSearch } from './search'

const never = '0001-01-01T00:00:00Z'

const job = (name: string, more: Partial<Job> = {}) => ({
  name,
  displayname: '',
  schedule: '@daily',
  status: '',
  next: never,
  success_count: 0,
  error_count: 0,
  disabled: false,
  ...more,
})

/** The requests, as `POST /v1/jobs/a/toggle`. */
let asked: string[] = []
let jobs: ReturnType<typeof job>[] = []
let refusals: Record<string, string> = {}

const answer = (body: unknown, headers = {}) => new Response(JSON.stringify(body), { headers })

async function serve(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  asked.push(`${request.method} ${decodeURIComponent(request.url.slice(new URL(request.url).origin.length))}`)
  const refusal = refusals[`${request.method} ${pathname}`]
  if (refusal) return new Response(refusal, { status: 409 })
  if (pathname === '/v1/stats') return answer({ stats: [], health: { failing: 3, late: 0, did_not_run: 1 } })
  if (request.method === 'GET') {
    const parent = searchParams.get('_parent')
    const one = jobs.find(j => pathname === `/v1/jobs/${j.name}`)
    if (one) return answer(one)
    const executor = searchParams.get('_executor')
    const found = jobs.filter(
      j =>
        (searchParams.get('_confirm') !== 'true' || j.confirm) &&
        (!executor || j.executor === executor) &&
        (!parent || j.parents?.some(p => p.job === parent)),
    )
    return answer(found, { 'X-Total-Count': String(found.length) })
  }
  const name = pathname.split('/')[3]
  const one = jobs.find(j => j.name === name)
  if (pathname.endsWith('/toggle')) return answer({ ...one, disabled: !one?.disabled })
  return answer({ ...one, launch_id: `${name}.1` })
}

function show(address = '/jobs') {
  const others = ['/jobs/$job', '/jobs/$job/edit', '/new', '/launches/$launch']
  const { router } = mount(address, [
    { path: '/jobs', validateSearch: jobsSearch, component: Jobs },
    ...others.map(path => ({ path, component: () => <p>another page</p> })),
  ])
  return { router, user: userEvent.setup() }
}

/** Chooses from the menu of a row. */
const menu = async (user: ReturnType<typeof userEvent.setup>, of: string, item: RegExp) => {
  await user.click(await screen.findByRole('button', { name: `Actions for ${of}` }))
  await user.click(await screen.findByRole('menuitem', { name: item }))
}

const lists = () => asked.filter(a => a.startsWith('GET /v1/jobs?'))
const changes = () => asked.filter(a => a.startsWith('POST') || a.startsWith('DELETE'))

beforeEach(() => {
  asked = []
  refusals = {}
  jobs = [
    job('extract', { displayname: 'Extract orders', dependent_jobs: ['load'], schedule_text: 'Every day at 00:00' }),
    job('load', { schedule: '', parents: [{ job: 'extract', on: 'failure' }], disabled: true }),
  ]
  notifications.clean()
  vi.spyOn(globalThis, 'fetch').mockImplementation(request => serve(request as Request))
})

describe('the list of jobs', () => {
  it('applies the filters of the address and shows them as removable chips', async () => {
    const { user, router } = show('/jobs?owner=ops&sort=next&order=desc&page=2&nonsense=1&status=odd')
    await screen.findByText('Extract orders')
    expect(lists()[0]).toBe('GET /v1/jobs?_owner=ops&_sort=next&_nulls=last&_order=DESC&_start=50&_end=100&recent=10')
    await user.click(screen.getByRole('button', { name: 'Remove the filter Owner ops' }))
    expect(router.state.location.search).toEqual({ sort: 'next', order: 'desc' })
  })

  it('sorts by the head of a column, and back', async () => {
    const { user, router } = show()
    await screen.findByText('Extract orders')
    const head = screen.getByRole('columnheader', { name: 'Next run' })
    expect(head).not.toHaveAttribute('aria-sort')
    await user.click(within(head).getByRole('button'))
    expect(await screen.findByRole('columnheader', { name: 'Next run' })).toHaveAttribute('aria-sort', 'ascending')
    await user.click(within(head).getByRole('button'))
    expect(router.state.location.search).toEqual({ sort: 'next', order: 'desc' })
  })

  it('keeps its columns, and adds one for what it is sorted by', async () => {
    jobs = [
      job('a', {
        last_success: new Date(Date.now() - 5000).toISOString(),
        success_count: 30,
        error_count: 12,
        stopped_count: 2,
      }),
    ]
    const { user } = show()
    expect(await screen.findByText(/^[4-9] s ago$/)).toBeVisible()
    const choose = async (from: string, to: string) => {
      await user.click(screen.getAllByRole('button', { name: from })[0]!) // the menu is before the table
      await user.click(await screen.findByRole('menuitem', { name: to }))
    }
    await choose('Name', 'Last failure')
    expect(await screen.findByRole('columnheader', { name: 'Last failure' })).toHaveAttribute('aria-sort', 'descending')
    expect(screen.getByRole('cell', { name: 'never' })).toBeVisible()
    await choose('Last failure', 'Failures')
    expect(await screen.findByRole('columnheader', { name: 'Failures' })).toHaveAttribute('aria-sort', 'descending')
    expect(screen.getByRole('cell', { name: '12' })).toBeVisible()
    expect(screen.queryByRole('columnheader', { name: 'Last failure' })).toBeNull()
    // What the columns are called, and what they show, is as before.
    expect(screen.getByRole('columnheader', { name: 'Last run' })).not.toHaveAttribute('aria-sort')
    expect(screen.getByText(/^\d+ s ago$/)).toBeVisible()
    const share = screen.getByRole('columnheader', { name: 'Success' })
    expect(within(share).queryByRole('button')).toBeNull() // there is no order by share
    expect(screen.getByText('75 %')).toBeVisible()
  })

  it('shows in a word what is wrong with a job, and its last launches', async () => {
    const launch = {
      id: 'a.1',
      group: 1,
      state: 'no_target',
      cause: 'schedule',
      reason: 'no node is a db',
      scheduled_at: never,
      started_at: null,
      ended_at: never,
    } as const
    jobs = [
      job('a', { health: 'did_not_run', last_launch: launch, recent_launches: [launch] }),
      job('b', { health: 'failing', status: 'failed', failure_streak: 45 }),
    ]
    show()
    expect(await screen.findByRole('cell', { name: 'did not run' })).toBeVisible()
    expect(screen.getByRole('cell', { name: 'failing × 45' })).toBeVisible()
    expect(screen.getByRole('link', { name: /^The 1 last launch of a: 1 no target/ })).toHaveAttribute(
      'href',
      '/launches/a.1',
    )
  })

  it('searches when typing has paused', async () => {
    const { user, router } = show('/jobs?page=3')
    await screen.findByText('Extract orders')
    await user.type(screen.getByRole('searchbox', { name: 'Search jobs' }), 'nightly')
    await vi.waitFor(() => expect(router.state.location.search).toEqual({ search: 'nightly' }))
    expect(lists().filter(l => l.includes('_search'))).toEqual([
      'GET /v1/jobs?_search=nightly&_sort=id&_nulls=last&_order=ASC&_start=0&_end=50&recent=10',
    ])
  })

  it('is a tree of jobs without parents, unfolded', async () => {
    const { user, router } = show()
    await user.click(await screen.findByRole('button', { name: 'Tree' }))
    expect(router.state.location.search).toEqual({ tree: true })
    await vi.waitFor(() => expect(lists().some(l => l.includes('_child=false'))).toBe(true))
    expect(await screen.findByRole('button', { name: /Hide 1 child of Extract orders/ })).toBeVisible()
    expect(lists().some(l => l.includes('_parent=extract'))).toBe(true)
  })

  it('unfolds the children of a job', async () => {
    const { user } = show()
    await user.click(await screen.findByRole('button', { name: /Show 1 child of Extract orders/ }))
    await vi.waitFor(() => expect(screen.getAllByText('load', { selector: '[data-job-link]' })).toHaveLength(2))
    expect(screen.getAllByText('(if it fails)')).toHaveLength(2)
  })
})

describe('the views of the list', () => {
  beforeEach(() => setPreferences({ views: [] }))

  it('are quick ones with counts, which keep other filters', async () => {
    const { user, router } = show('/jobs?owner=ops&page=2')
    const views = await screen.findByRole('navigation', { name: 'Views' })
    await user.click(within(views).getByRole('link', { name: 'Failing' }))
    expect(router.state.location.search).toEqual({ owner: 'ops', health: ['failing'] })
    await vi.waitFor(() => expect(lists().at(-1)).toContain('_owner=ops&_sort=id&_nulls=last&_order=ASC&_start=0'))
    expect(lists().at(-1)).toContain('health=failing')
    await user.click(screen.getByRole('button', { name: 'Remove the filter Owner ops' }))
    expect(await within(views).findByRole('link', { name: 'Failing 3' })).toHaveAttribute('aria-current', 'page')
    expect(within(views).getByRole('link', { name: 'Did not run 1' })).toBeVisible()
    expect(within(views).getByRole('link', { name: 'Never ran 2' })).toBeVisible()
    expect(screen.queryByText('State:')).toBeNull() // the view says it
  })

  it('are saved under a name, opened, and deleted with an undo', async () => {
    const { user, router } = show('/jobs?owner=ops&sort=next')
    await user.click(await screen.findByRole('button', { name: 'Save view' }))
    const name = await screen.findByRole('textbox', { name: 'Name of the view' })
    expect(name).toHaveValue('ops')
    await user.clear(name)
    await user.type(name, 'Ours{Enter}')
    const views = screen.getByRole('navigation', { name: 'Views' })
    expect(await within(views).findByRole('link', { name: 'Ours' })).toHaveAttribute('aria-current', 'page')
    expect(screen.queryByRole('button', { name: 'Save view' })).toBeNull()
    await user.click(within(views).getByRole('link', { name: /^Late/ }))
    await user.click(await within(views).findByRole('link', { name: 'Ours' }))
    expect(router.state.location.search).toEqual({ owner: 'ops', sort: 'next' })
    await user.click(within(views).getByRole('button', { name: 'Delete the view Ours' }))
    expect(within(views).queryByRole('link', { name: 'Ours' })).toBeNull()
    await user.click(await screen.findByRole('button', { name: 'Undo' }))
    expect(await within(views).findByRole('link', { name: 'Ours' })).toBeVisible()
  })
})

describe('many jobs at once', () => {
  it('disables only those that are enabled', async () => {
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    const bar = screen.getByRole('region', { name: 'Selected jobs' })
    expect(within(bar).getByText('2 jobs selected')).toBeVisible()
    await user.click(within(bar).getByRole('button', { name: 'Disable' }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog).toHaveTextContent('1 job already disabled: left unchanged.')
    await user.click(within(dialog).getByRole('button', { name: 'Disable: 1 job' }))
    expect(await within(dialog).findByText('1 job disabled')).toBeVisible()
    expect(changes()).toEqual(['POST /v1/jobs/extract/toggle'])
  })

  it('lists failures with their reason, and retries them', async () => {
    refusals['DELETE /v1/jobs/extract'] = 'job "extract" has dependent jobs: other'
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Delete' }))
    expect(await within(dialog).findByText('job "extract" has dependent jobs: other')).toBeVisible()
    expect(changes()).toEqual(['DELETE /v1/jobs/load', 'DELETE /v1/jobs/extract'])
    refusals = {}
    await user.click(within(dialog).getByRole('button', { name: 'Retry 1 job' }))
    expect(await within(dialog).findByText('1 job deleted')).toBeVisible()
  })

  it('asks for the number before many are deleted', async () => {
    jobs = Array.from({ length: 12 }, (_, i) => job(`job-${i}`))
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByRole('button', { name: 'Delete' })).toBeDisabled()
    await user.type(within(dialog).getByRole('textbox', { name: 'Type 12 to confirm' }), '12')
    expect(within(dialog).getByRole('button', { name: 'Delete' })).toBeEnabled()
  })
})

describe('jobs that check in', () => {
  const outside = { executor: 'checkin', schedule: '@manually' }

  it('are not run with others, and counted before', async () => {
    jobs = [job('here', { executor: 'shell' }), job('cron', outside), job('tab', outside)]
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Run now' }))
    const dialog = await screen.findByRole('dialog')
    expect(dialog).toHaveTextContent('2 jobs run elsewhere (check-in): left unchanged.')
    await user.click(within(dialog).getByRole('button', { name: 'Run now: 1 job' }))
    expect(await within(dialog).findByText('1 job launched')).toBeVisible()
    expect(changes()).toEqual(['POST /v1/jobs/here/run'])
  })

  it('are not run alone', async () => {
    jobs = [job('cron', outside)]
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Run now' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByRole('button', { name: /^Run now/ })).toBeDisabled()
  })

  it('are counted by the server if all that match are selected', async () => {
    jobs = Array.from({ length: 60 }, (_, i) =>
      job(`job-${i}`, i < 3 ? { ...outside, confirm: i < 1 } : { confirm: i === 3 }),
    )
    vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
      const all = await serve(request as Request)
      if (!(request as Request).url.includes('_end=50')) return all
      return answer(((await all.json()) as unknown[]).slice(0, 50), { 'X-Total-Count': '60' })
    })
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Select all 60 matching' }))
    await user.click(screen.getByRole('button', { name: 'Run now' }))
    const dialog = await screen.findByRole('dialog')
    expect(await within(dialog).findByRole('checkbox', { name: 'Include 1 job that asks first' })).not.toBeChecked()
    expect(dialog).toHaveTextContent('3 jobs run elsewhere (check-in): left unchanged.')
    await user.click(within(dialog).getByRole('button', { name: 'Run now: 56 jobs' }))
    expect(await within(dialog).findByText('56 jobs launched')).toBeVisible()
    expect(changes().some(path => /job-[0-3]\/run/.test(path))).toBe(false)
  })
})

describe('jobs that ask first', () => {
  beforeEach(() => {
    jobs = [job('migrate', { displayname: 'Migrate orders', confirm: true }), job('plain', { confirm: false })]
  })

  it('are left out of an action on many, unless they are included', async () => {
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Run now' }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).getByRole('checkbox', { name: 'Include 1 job that asks first' })).not.toBeChecked()
    expect(dialog).toHaveTextContent('Migrate orders')
    await user.click(within(dialog).getByRole('button', { name: 'Run now: 1 job' }))
    expect(await within(dialog).findByText('1 job left unchanged: it asks first')).toBeVisible()
    expect(changes()).toEqual(['POST /v1/jobs/plain/run'])
    await user.click(within(dialog).getByText('Close'))

    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Stop' }))
    const again = await screen.findByRole('dialog')
    await user.click(within(again).getByRole('checkbox', { name: 'Include 1 job that asks first' }))
    await user.click(within(again).getByRole('button', { name: 'Stop: 2 jobs' }))
    expect(await within(again).findByText('2 jobs asked to stop')).toBeVisible()
    expect(changes()).toContain('POST /v1/jobs/migrate/stop')
  })

  it('are counted by the server if all that match are selected', async () => {
    jobs = Array.from({ length: 60 }, (_, i) => job(`job-${i}`, { confirm: i % 10 === 0 }))
    vi.spyOn(globalThis, 'fetch').mockImplementation(async request => {
      const all = await serve(request as Request)
      if (!(request as Request).url.includes('_end=50')) return all
      return answer(((await all.json()) as unknown[]).slice(0, 50), { 'X-Total-Count': '60' })
    })
    const { user } = show()
    await user.click(await screen.findByRole('checkbox', { name: 'Select all jobs on this page' }))
    await user.click(screen.getByRole('button', { name: 'Select all 60 matching' }))
    await user.click(screen.getByRole('button', { name: 'Run now' }))
    const dialog = await screen.findByRole('dialog')
    expect(await within(dialog).findByRole('checkbox', { name: 'Include 6 jobs that ask first' })).not.toBeChecked()
    expect(dialog).toHaveTextContent('job-0, job-10, job-20, job-30, job-40 and 1 more')
    await user.click(within(dialog).getByRole('button', { name: 'Run now: 54 jobs' }))
    expect(await within(dialog).findByText('54 jobs launched')).toBeVisible()
    expect(changes()).not.toContain('POST /v1/jobs/job-0/run')
  })

  it.each([
    ['Run now', /Run Migrate orders now\?/, 'run'],
    ['Disable', /Disable Migrate orders\?/, 'toggle'],
  ])('ask before %s', async (item, question, act) => {
    const { user } = show()
    await menu(user, 'Migrate orders', new RegExp(item))
    const dialog = await screen.findByRole('dialog', { name: question })
    expect(dialog).toHaveTextContent('migrate: this job is set to ask before it is started or stopped.')
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }))
    expect(changes()).toEqual([])
    await menu(user, 'Migrate orders', new RegExp(item))
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: item }))
    await vi.waitFor(() => expect(changes()).toEqual([`POST /v1/jobs/migrate/${act}`]))
  })

  it('ask when a key runs them', async () => {
    const { user } = show()
    const stop = listen()
    ;(await screen.findByRole('link', { name: 'Migrate orders' })).focus()
    await user.keyboard('r')
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Cancel' }))
    expect(changes()).toEqual([])
    stop()
  })
})

describe('one job', () => {
  it('is run, and links to its launch', async () => {
    const { user, router } = show()
    await menu(user, 'Extract orders', /Run now/)
    await user.click(await screen.findByRole('button', { name: 'Show' }))
    await vi.waitFor(() => expect(router.state.location.pathname).toBe('/launches/extract.1'))
  })

  it('is not deleted while it launches others', async () => {
    const { user } = show()
    await menu(user, 'Extract orders', /Delete/)
    expect(await screen.findByText(/It launches load. Delete those first/)).toBeVisible()
    expect(changes()).toEqual([])
  })

  it('is deleted after a question, and restored by undo', async () => {
    const { user } = show()
    await menu(user, 'load', /Delete/)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    await user.click(await screen.findByRole('button', { name: 'Undo' }))
    expect(await screen.findByText('Restored load without its history')).toBeVisible()
    expect(asked.filter(a => !a.startsWith('GET'))).toEqual(['DELETE /v1/jobs/load', 'PUT /v1/jobs/load'])
  })
})

describe('a list without jobs', () => {
  it('explains what a job is', async () => {
    jobs = []
    show()
    expect(await screen.findByText('No jobs yet')).toBeVisible()
    expect(screen.getByText(/A job says what runs/)).toHaveTextContent('curl http')
  })

  it('offers to clear filters that match nothing', async () => {
    jobs = []
    const { user, router } = show('/jobs?status=failed&search=x')
    await user.click(await screen.findByRole('button', { name: 'Clear search and filters' }))
    expect(router.state.location.search).toEqual({})
  })
})
