import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { jobsQuery, type Job } from '@/api/jobs'
import { Icon, type IconName } from '@/ui/Icon'
import { useMay } from '@/ui/may'
import { useJobActions } from '@/ui/useJobActions'
import { nameOf, scheduleWords } from '@/ui/words'
import { pages } from './pages'

const [store, palette] = createSpotlight()

export const openPalette = () => palette.open()

/** Finds jobs and pages and runs common actions by typing a few letters (Ctrl+K). */
export function Palette() {
  const navigate = useNavigate()
  const { runAndShow } = useJobActions()
  const may = useMay()
  const [query, setQuery] = useState('')
  const [search] = useDebouncedValue(query.trim(), 150)
  const { data } = useQuery({ ...jobsQuery({ search: search || undefined, end: 6 }), enabled: query !== '' })
  const jobs = query ? (data?.items ?? []) : []

  const go: SpotlightActionData[] = [
    ...pages.map(p => action(`go-${p.to}`, p.label, 'Page', p.icon, () => void navigate({ to: p.to }))),
    ...(may('write') ? [action('new', 'New job', 'Create a job', 'plus', () => void navigate({ to: '/new' }))] : []),
  ]
  const groups: SpotlightActionGroupData[] = [
    { group: 'Jobs', actions: jobs.flatMap(job => ofJob(job)) },
    { group: 'Go to', actions: go.filter(a => matches(a.label ?? '', query)) },
  ].filter(g => g.actions.length > 0)

  const found = groups.flatMap(g => g.actions.map(a => a.id)).join(' ')
  useEffect(() => {
    if (found && query) chooseFirst()
  }, [found, query])

  function ofJob(job: Job): SpotlightActionData[] {
    const params = { job: job.name }
    const title = nameOf(job)
    const all = [
      action(`job-${job.name}`, title, scheduleWords(job), 'clock', () => void navigate({ to: '/jobs/$job', params })),
    ]
    if (jobs.length > 2) return all
    if (may('run'))
      all.push(action(`run-${job.name}`, `Run ${title} now`, 'Starts a launch', 'play', () => void runAndShow(job)))
    if (may('write')) {
      const edit = () => void navigate({ to: '/jobs/$job/edit', params })
      all.push(action(`edit-${job.name}`, `Edit ${title}`, 'Change the definition', 'edit', edit))
    }
    return all
  }

  return (
    <Spotlight
      store={store}
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      nothingFound="No match in name, owner, executor or metadata"
      filter={(_query, actions) => actions} // the server has searched
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <Icon name="search" />,
        placeholder: 'Job or page',
        'aria-label': 'Find a job or a page',
      }}
    />
  )
}

/** Selects the first result for Enter. Mantine selects on each keystroke, which is before the server has answered. */
function chooseFirst() {
  const list = document.getElementById(store.getState().listId)
  list?.querySelectorAll('[data-action]').forEach((row, i) => row.toggleAttribute('data-selected', i === 0))
  store.updateState(state => ({ ...state, selected: 0 }))
}

function action(
  id: string,
  label: string,
  description: string,
  icon: IconName,
  onClick: () => void,
): SpotlightActionData {
  return { id, label, description, onClick, leftSection: <Icon name={icon} /> }
}

const matches = (label: string, query: string) => label.toLowerCase().includes(query.trim().toLowerCase())
