import { useQuery } from '@tanstack/react-query'
import { healthQuery, jobsQuery } from '@/api/jobs'
import { setPreferences, usePreferences } from '@/preferences/preferences'
import { ChipCount, ChipLink, Chips } from '@/ui/views/Chips'
import { SavedViews } from '@/ui/views/SavedViews'
import { chipsOf } from './filters'
import { quickOf, quickViews, viewOf, type QuickView } from './quick'
import { jobsSearch, type JobsSearch } from './search'

/** Views of the list, as links: those that everybody needs, with how many jobs each has, and the reader's own. */
export function QuickViews({ search }: { search: JobsSearch }) {
  const { views } = usePreferences()
  const counts = useCounts(search)
  const current = quickOf(search)
  const own = viewOf(search)
  const worth = Object.keys(own).length > (current === quickViews[0] ? 0 : 1)
  return (
    <Chips>
      {quickViews.map(view => (
        <Quick key={view.label} view={view} search={search} chosen={view === current} n={counts(view)} />
      ))}
      <SavedViews
        of="jobs"
        search={own}
        worth={worth}
        suggestion={suggestionOf(search)}
        stored={views}
        store={list => setPreferences({ views: list })}
        read={jobsSearch}
      />
    </Chips>
  )
}

interface QuickProps {
  view: QuickView
  search: JobsSearch
  chosen: boolean
  n: number | undefined
}

function Quick({ view, search, chosen, n }: QuickProps) {
  return (
    <ChipLink to="/jobs" search={jobsSearch({ ...search, ...view.filter, page: undefined })} chosen={chosen}>
      {view.label} {n !== undefined && <ChipCount n={n} tone={view.tone} />}
    </ChipLink>
  )
}

/** How many jobs each view has; unknown while another filter narrows the list too. */
function useCounts(search: JobsSearch): (view: QuickView) => number | undefined {
  const whole = !search.search && !search.tree && chipsOf({ ...search, ...quickViews[0]!.filter }).length === 0
  const { data: health } = useQuery({ ...healthQuery, enabled: whole })
  const running = useQuery({ ...jobsQuery({ running: true, end: 1 }), enabled: whole })
  const fresh = useQuery({ ...jobsQuery({ status: 'untriggered', end: 1 }), enabled: whole })
  return ({ filter }) => {
    if (!whole) return undefined
    if (filter.running) return running.data?.total
    if (filter.status) return fresh.data?.total
    return health ? filter.health?.reduce((sum, word) => sum + (health[word] ?? 0), 0) : undefined
  }
}

/** A name for a view: its filters' values. */
function suggestionOf(search: JobsSearch): string {
  return [...chipsOf(search).map(chip => chip.value), ...(search.search ? [search.search] : [])].join(', ')
}
