import { tell } from '../act'
import { ChipLink, OwnChip } from './Chips'
import { SaveView } from './SaveView'
import { sameSearch, viewsOf, without, withView, type View } from './views'

interface Props {
  of: View['of']
  /** The current search, without the page of the list. */
  search: object
  /** Whether the search is worth a name: it is not a view that the page has anyway. */
  worth: boolean
  /** A name for it to begin with. */
  suggestion: string
  /** What the browser has stored, and how to change that. */
  stored: unknown
  store: (views: View[]) => void
  /** The page's own reader of search parameters. */
  read: (search: Record<string, unknown>) => object
}

/** The reader's own views of a page, which can be deleted, and a button that saves the current one. */
export function SavedViews({ of, search, worth, suggestion, stored, store, read }: Props) {
  const all = viewsOf(stored)
  const views = all.filter(view => view.of === of)
  const chosen = views.find(view => sameSearch(view.search, search))
  const remove = (view: View) => {
    store(without(all, view))
    tell(`Deleted the view ${view.name}`, { action: async () => store(all) })
  }
  return (
    <>
      {views.map(view => (
        <OwnChip key={view.name} name={view.name} onRemove={() => remove(view)}>
          <ChipLink to={`/${of}`} search={read(view.search)} chosen={view === chosen}>
            {view.name}
          </ChipLink>
        </OwnChip>
      ))}
      {worth && !chosen && (
        <SaveView suggestion={suggestion} onSave={name => store(withView(all, { name, of, search: { ...search } }))} />
      )}
    </>
  )
}
