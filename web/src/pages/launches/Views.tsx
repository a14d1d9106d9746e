import { setPreferences, usePreferences } from '@/preferences/preferences'
import { lookOf } from '@/ui/state'
import { ChipLink, Chips } from '@/ui/views/Chips'
import { SavedViews } from '@/ui/views/SavedViews'
import { causeWords } from '@/ui/words'
import { launchesSearch, samePicked, views, type LaunchesSearch } from './search'

/** Common filters and the reader's own, as links. */
export function Views({ search }: { search: LaunchesSearch }) {
  const stored = usePreferences().views
  const chosen = views.find(view => samePicked(view.search, search))
  return (
    <Chips>
      {views.map(view => (
        <ChipLink key={view.label} to="/launches" search={view.search} chosen={view === chosen}>
          {view.label}
        </ChipLink>
      ))}
      <SavedViews
        of="launches"
        search={launchesSearch({ ...search })}
        worth={!chosen}
        suggestion={suggestionOf(search)}
        stored={stored}
        store={list => setPreferences({ views: list })}
        read={launchesSearch}
      />
    </Chips>
  )
}

/** A name for a view: its filters' values. */
function suggestionOf({ job, state = [], cause = [] }: LaunchesSearch): string {
  return [...(job ? [job] : []), ...state.map(word => lookOf(word).label), ...cause.map(causeWords)].join(', ')
}
