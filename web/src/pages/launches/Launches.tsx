import { Button } from '@mantine/core'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { usePreferences } from '@/preferences/preferences'
import { launchesQuery } from '@/api/launches'
import { LinkButton } from '@/ui/link'
import { Empty } from '@/ui/Empty'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { useNow } from '@/ui/useNow'
import { Filters } from './Filters'
import classes from './Launches.module.css'
import { filterOf, same, type LaunchesSearch } from './search'
import { Table } from './Table'
import { Views } from './Views'

const route = getRouteApi('/launches')

// Each reading reads all pages again: with more of them the list rests, and a reader far back is not moved either.
const livePages = 3

/** Every firing of every job, the newest first. */
export function Launches() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: LaunchesSearch) => void navigate({ search: { ...search, ...part }, replace: true })
  return (
    <Page title="Launches" below="Every firing of every job: by its schedule, by hand, or after another job.">
      <Views search={search} />
      <Panel flush>
        <Filters search={search} change={change} />
        <List search={search} />
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
            <div className={classes.foot}>
              {counted(launches.length, 'launch', 'launches')}
              {query.hasNextPage ? '' : ', that is all'}
              {query.hasNextPage && (
                <Button
                  size="xs"
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage({ cancelRefetch: false })}
                >
                  Load more
                </Button>
              )}
              {pages.length > livePages && (
                <Button
                  size="xs"
                  variant="subtle"
                  onClick={() => void queries.resetQueries({ queryKey: options.queryKey })}
                >
                  This list rests while it is long. Back to the newest
                </Button>
              )}
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}

function Nothing({ search }: { search: LaunchesSearch }) {
  if (same(search, {}))
    return (
      <Empty icon="flag" title="Nothing was launched yet" action={<LinkButton to="/jobs">To the jobs</LinkButton>}>
        A launch is one firing of a job. There will be one when a schedule is due, or when you choose “Run now” on a
        job.
      </Empty>
    )
  return (
    <Empty
      icon="filter"
      title="No launch is like that"
      action={
        <LinkButton to="/launches" search={{}} variant="default">
          Show all launches
        </LinkButton>
      }
    >
      {emptyText(search)} How far back the history goes is told by the settings of the cluster.
    </Empty>
  )
}

function emptyText({ state, job }: LaunchesSearch): string {
  const whose = job ? ` of ${job}` : ''
  if (state?.includes('running')) return `Nothing runs, waits or is queued${whose} just now.`
  if (state?.includes('failed')) return `Nothing has failed${whose} in this time. That is good.`
  return `No launch${whose} is kept that fits all of the filters.`
}
