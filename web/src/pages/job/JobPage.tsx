import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { ApiError } from '@/api/error'
import { jobQuery, type Job } from '@/api/jobs'
import { useShortcuts } from '@/ui/shortcuts'
import { Empty } from '@/ui/Empty'
import { Icon, type IconName } from '@/ui/Icon'
import { Link, LinkButton } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { useMay } from '@/ui/may'
import { Page } from '@/ui/Page'
import { part } from '@/ui/part'
import { Runbook } from '@/ui/Runbook'
import { StateBadge } from '@/ui/StateBadge'
import { Actions } from './Actions'
import { Definition } from './definition/Definition'
import classes from './JobPage.module.css'
import { JobLaunches } from './launches/JobLaunches'
import { LastRuns, useRecent } from './LastRuns'
import { Overview } from './overview/Overview'
import { Outline } from './Outline'
import { tabs, type Tab } from './search'
import { Versions } from './versions/Versions'
import { HealthBadge } from '@/ui/HealthBadge'
import { troubleOf } from '@/ui/health'
import { nameOf, openOf, parentsOf, scheduleWords, zoneOf } from '@/ui/words'

const Graph = lazy(part(() => import('./graph/Graph')))

/** One job: overview, launches, graph, versions and definition. */
export function JobPage() {
  const { job: name } = useParams({ from: '/jobs/$job' })
  const query = useQuery(jobQuery(name))
  if (query.error instanceof ApiError && query.error.status === 404) return <Missing name={name} />
  if (!query.data)
    return (
      <Page title={name} above={<Up />}>
        <Loaded query={query} what={`the job ${name}`} lines={8}>
          {() => null}
        </Loaded>
      </Page>
    )
  return <Known key={name} job={query.data} />
}

function Known({ job: stored }: { job: Job }) {
  const job = useRecent(stored)
  const navigate = useNavigate()
  const edit = () => void navigate({ to: '/jobs/$job/edit', params: { job: job.name } })
  useShortcuts(useMay()('write') ? [{ keys: 'e', what: 'Edit the job', action: edit }] : [])
  return (
    <Page
      title={nameOf(job)}
      heading={<Heading job={job} />}
      above={<Up />}
      below={<Below job={job} />}
      actions={<Actions job={job} />}
    >
      <Parts job={job} />
    </Page>
  )
}

const Up = () => (
  <Link to="/jobs" inherit>
    Jobs
  </Link>
)

function Heading({ job }: { job: Job }) {
  return (
    <>
      {nameOf(job)}
      <HealthBadge job={job} />
      {troubleOf(job) && <Open job={job} />}
      {job.disabled && <StateBadge state="disabled" />}
    </>
  )
}

/** What a job does now, next to what is wrong with it. */
function Open({ job }: { job: Job }) {
  const { running, waiting } = openOf(job)
  if (!running && !waiting) return null
  return <StateBadge state={running ? 'running' : 'waiting'} />
}

function Below({ job }: { job: Job }) {
  return (
    <div className={classes.facts}>
      <LastRuns job={job} />
      {job.displayname && <code>{job.name}</code>}
      <Schedule job={job} />
      {job.owner && (
        <span>owned by {job.owner_email ? <a href={mailto(job.owner_email)}>{job.owner}</a> : job.owner}</span>
      )}
      {!job.owner && job.owner_email && <a href={mailto(job.owner_email)}>{job.owner_email}</a>}
      <Runbook job={job} />
    </div>
  )
}

/** When it is due. A zone that is not the reader's would be missed most at night. */
function Schedule({ job }: { job: Job }) {
  const words = scheduleWords(job)
  const zone = parentsOf(job).length ? '' : zoneOf(job, words)
  return (
    <span title={job.schedule || undefined}>
      {words}
      {zone && ` (${zone})`}
    </span>
  )
}

const mailto = (address: string) => `mailto:${encodeURIComponent(address).replace('%40', '@')}`

const looks: Record<Tab, { label: string; icon: IconName }> = {
  overview: { label: 'Overview', icon: 'gauge' },
  launches: { label: 'Launches', icon: 'flag' },
  graph: { label: 'Graph', icon: 'graph' },
  versions: { label: 'Versions', icon: 'history' },
  definition: { label: 'Definition', icon: 'code' },
}

function Parts({ job }: { job: Job }) {
  const { tab = 'overview' } = useSearch({ from: '/jobs/$job' })
  const navigate = useNavigate({ from: '/jobs/$job' })
  const list = useRef<HTMLDivElement>(null)

  // On a phone the tabs scroll: keep the open one visible.
  useEffect(() => {
    list.current?.querySelector(`[data-tab=${tab}]`)?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [tab])

  const open = (value: string | null) =>
    void navigate({ search: { tab: value === 'overview' ? undefined : (value as Tab) } })
  return (
    <Tabs value={tab} onChange={open} keepMounted={false} className={classes.tabs}>
      <Tabs.List ref={list} className={classes.list}>
        {tabs.map(t => (
          <Tabs.Tab key={t} value={t} data-tab={t} leftSection={<Icon name={looks[t].icon} size={16} />}>
            {looks[t].label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab} pt="md">
        <Suspense fallback={<Outline what={`the ${tab}`} />}>
          <Part tab={tab} job={job} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  )
}

function Part({ tab, job }: { tab: Tab; job: Job }) {
  switch (tab) {
    case 'overview':
      return <Overview job={job} />
    case 'launches':
      return <JobLaunches job={job} />
    case 'graph':
      return <Graph job={job} />
    case 'versions':
      return <Versions job={job} />
    case 'definition':
      return <Definition job={job} />
  }
}

function Missing({ name }: { name: string }) {
  return (
    <Page title={name} above={<Up />}>
      <Empty
        icon="question"
        title={`No job named “${name}”`}
        action={
          <LinkButton to="/jobs" variant="default">
            All jobs
          </LinkButton>
        }
      >
        It may have been deleted; an ephemeral job is deleted after its first success. The address has the job’s name,
        in lower case, not its display name.
      </Empty>
    </Page>
  )
}
