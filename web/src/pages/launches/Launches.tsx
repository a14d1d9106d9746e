import { Button } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { usePreferences } from '@/preferences/preferences'
import { launchesQuery } from '@/api/launches'
import { LinkButton } from '@/ui/link'
import { Empty } from '@/ui/Empty'
import { ListEnd } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { useNow } from '@/ui/useNow'
import { Bulk, RerunBar } from './Bulk'
import { Filters } from './Filters'
import { Groups } from './Groups'
import { filterOf, isGrouped, samePicked, type LaunchesSearch } from './search'
import { Table } from './Table'
import { Views } from './Views'

const route = getRouteApi('/launches')

// Each reload loads all pages: with more pages updates pause, which also keeps the reader's place.
const livePages = 3

/** Every launch of every job, newest first. */
export function Launches() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: LaunchesSearch) => void navigate({ search: { ...search, ...part }, replace: true })
  return (
    <Page
      title="Launches"
      below="Every launch of every job: on schedule, manual, or after another job."
      actions={<Bulk search={search} />}
    >
      <Views search={search} />
      <Panel flush>
        <Filters search={search} change={change} />
        {search.rerun && <RerunBar number={search.rerun} />}
        {isGrouped(search) ? <Groups search={search} none={<Nothing search={search} />} /> : <List search={search} />}
      </Panel>
    </Page>
  )
}

function List({ search }: { search: LaunchesSearch }) {
  const { pageSize } = usePreferences()
  const filter = filterOf(search, useNow())
  const options = launchesQuery(filter, pageSize)
  const queries = useQueryClient()
  const query = useInfiniteQuery({
    ...options,
    enabled: q => (q.state.data?.pages.length ?? 0) <= livePages,
  })
  return (
    <Loaded query={query} what="the launches" lines={12}>
      {({ pages }) => {
        const launches = pages.flatMap(page => page.items)
        if (!launches.length) return <Nothing search={search} />
        return (
          <div aria-busy={query.isPlaceholderData}>
            <Table launches={launches} />
            <ListEnd query={query} shown={counted(launches.length, 'launch', 'launches')}>
              {pages.length > livePages && (
                <Button
                  size="xs"
                  variant="subtle"
                  onClick={() => void queries.resetQueries({ queryKey: options.queryKey })}
                >
                  A long list does not update. Back to newest
                </Button>
              )}
            </ListEnd>
          </div>
        )
      }}
    </Loaded>
  )
}

function Nothing({ search }: { search: LaunchesSearch }) {
  if (samePicked(search, {}))
    return (
      <Empty icon="flag" title="No launches yet" action={<LinkButton to="/jobs">Go to jobs</LinkButton>}>
        A launch is one run of a job. It starts when a schedule is due, or when you choose “Run now” on a job.
      </Empty>
    )
  return (
    <Empty
      icon="filter"
      title="No launches match these filters"
      action={
        <LinkButton to="/launches" search={{}} variant="default">
          Show all launches
        </LinkButton>
      }
    >
      {emptyText(search)} Settings say how far back the history goes.
    </Empty>
  )
}

function emptyText({ state, job }: LaunchesSearch): string {
  const whose = job ? ` of ${job}` : ''
  if (state?.includes('running')) return `Nothing${whose} is running, waiting or queued.`
  if (state?.includes('failed')) return `Nothing${whose} failed in this period.`
  return `No launch${whose} matches all filters.`
}
