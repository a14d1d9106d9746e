import { Button, Menu } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { usePreferences } from '@/preferences/preferences'
import { urlOf } from '@/api/client'
import { jobsQuery, type Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { useJobActions } from '@/ui/useJobActions'
import { Bulk } from './Bulk'
import { NoJobs, NoMatch } from './EmptyJobs'
import { noFilter } from './filters'
import { Foot, pagesOf } from './Foot'
import { ImportDialog } from './ImportDialog'
import { JobCards } from './JobCards'
import classes from './Jobs.module.css'
import { JobTable } from './JobTable'
import { ListContext } from './list'
import { sortOf } from './order'
import { filterOf, jobsSearch, listingOf, type JobsSearch } from './search'
import { useSelection } from './selection'
import { Toolbar } from './Toolbar'
import { useListKeys } from './useListKeys'

const none: Job[] = []

/** The list of jobs: search, filters, order, pages, and actions on many. */
export function Jobs() {
  const { search: asked, change, narrow, goTo } = useListSearch()
  const { pageSize } = usePreferences()
  const phone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false })
  // Cards on a phone are not a tree: it would hide children.
  const search = useMemo(() => (phone ? { ...asked, tree: undefined } : asked), [phone, asked])
  const [importing, setImporting] = useState(false)

  const query = useQuery(jobsQuery(listingOf(search, pageSize)))
  const { items: jobs, total } = query.data ?? { items: none, total: undefined }
  const pages = pagesOf(total ?? 0, pageSize)
  const page = search.page ?? 1

  const filter = useMemo(() => filterOf(search), [search])
  const selecting = useSelection(JSON.stringify(filter), jobs)
  const actions = useJobActions()
  const sort = sortOf(search)
  const tree = search.tree ?? false
  const list = useMemo(() => ({ actions, selecting, sort, tree, narrow }), [actions, selecting, sort, tree, narrow])

  useListKeys({ actions, jobs, onPage: by => goTo(Math.min(Math.max(page + by, 1), pages)) })
  useEffect(() => {
    if (total !== undefined && !query.isPlaceholderData && page > pages) goTo(pages, true) // the list became shorter
  }, [total, query.isPlaceholderData, page, pages, goTo])

  return (
    <Page
      title="Jobs"
      below="What runs in this cluster, when, and how it went."
      actions={<Actions onImport={() => setImporting(true)} />}
    >
      <ListContext value={list}>
        <Toolbar search={search} change={change} jobs={jobs} total={total} />
        <Panel flush>
          <Loaded query={query} what="the jobs" lines={12}>
            {({ items }) =>
              items.length === 0 ? (
                <Nothing
                  filtered={Object.keys(filter).length > (search.tree ? 1 : 0)}
                  onClear={() => change(noFilter)}
                  onImport={() => setImporting(true)}
                />
              ) : (
                <div
                  className={query.isPlaceholderData ? classes.stale : undefined}
                  aria-busy={query.isPlaceholderData}
                >
                  {phone ? <JobCards jobs={items} /> : <JobTable jobs={items} search={search} change={change} />}
                </div>
              )
            }
          </Loaded>
        </Panel>
        <Bulk filter={filter} jobs={jobs} total={total ?? 0} />
        <Foot page={page} pageSize={pageSize} total={total ?? 0} narrow={Boolean(phone)} onChange={goTo} />
      </ListContext>
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </Page>
  )
}

/** The list's search parameters, and functions that change them. */
function useListSearch() {
  // Again, since the router adds unknown parameters.
  const search = useSearch({ from: '/jobs', select: jobsSearch, structuralSharing: true })
  const navigate = useNavigate({ from: '/jobs' })
  const change = useCallback(
    (by: JobsSearch, replace = false) =>
      void navigate({
        search: before => jobsSearch({ ...before, ...by, page: undefined }),
        replace,
        resetScroll: false,
      }),
    [navigate],
  )
  const goTo = useCallback(
    (page: number, replace = false) => void navigate({ search: before => jobsSearch({ ...before, page }), replace }),
    [navigate],
  )
  const narrow = useCallback(
    ({ owner, tags }: Pick<JobsSearch, 'owner' | 'tags'>) =>
      void navigate({
        search: before =>
          jobsSearch({
            ...before,
            page: undefined,
            owner: owner ?? before.owner,
            tags: tags ? { ...before.tags, ...tags } : before.tags,
          }),
      }),
    [navigate],
  )
  return { search, change, narrow, goTo }
}

interface NothingProps {
  filtered: boolean
  onClear: () => void
  onImport: () => void
}

function Nothing({ filtered, onClear, onImport }: NothingProps) {
  return filtered ? <NoMatch onClear={onClear} /> : <NoJobs onImport={onImport} />
}

function Actions({ onImport }: { onImport: () => void }) {
  return (
    <>
      <May verb="read" all>
        <Menu position="bottom-end" width={200} shadow="md" withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <Button variant="default" rightSection={<Icon name="chevronDown" size={14} />}>
              Import and export
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <May verb="write" all>
              <Menu.Item leftSection={<Icon name="upload" size={16} />} onClick={onImport}>
                Import jobs …
              </Menu.Item>
            </May>
            <Menu.Item
              component="a"
              href={urlOf('v1/export')}
              download="dkron-jobs.json"
              leftSection={<Icon name="download" size={16} />}
            >
              Export all jobs
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </May>
      <May verb="write">
        <LinkButton to="/new" leftSection={<Icon name="plus" size={16} />} hiddenFrom="sm">
          New job
        </LinkButton>
      </May>
    </>
  )
}
