import { Button, Menu, Pill } from '@mantine/core'
import type { Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { counted } from '@/ui/size'
import { chipsOf, noFilter } from './filters'
import { Filters } from './Filters'
import classes from './Jobs.module.css'
import { orders, sortedBy, sortOf } from './order'
import { quickOf } from './quick'
import { QuickViews } from './QuickViews'
import { SearchField } from './SearchField'
import { sorts, type JobsSearch } from './search'

interface ToolbarProps {
  search: JobsSearch
  change: (by: JobsSearch, replace?: boolean) => void
  jobs: readonly Job[]
  /** How many match, once known. */
  total: number | undefined
}

/** Search, filters and order of the list. */
export function Toolbar({ search, change, jobs, total }: ToolbarProps) {
  return (
    <>
      <QuickViews search={search} />
      <div className={classes.toolbar}>
        <SearchField
          value={search.search ?? ''}
          // One search is one step in the history, not one per letter.
          onChange={text => change({ search: text || undefined }, Boolean(text && search.search))}
        />
        <Filters search={search} jobs={jobs} change={change} />
        <Order search={search} change={change} />
        <Button
          variant={search.tree ? 'light' : 'default'}
          aria-pressed={search.tree ?? false}
          leftSection={<Icon name="tree" size={16} />}
          visibleFrom="sm"
          onClick={() => change({ tree: search.tree ? undefined : true })}
        >
          Tree
        </Button>
        <output className={classes.total} aria-live="polite">
          {total !== undefined && counted(total, 'job')}
        </output>
      </div>
      <Chips search={search} change={change} />
    </>
  )
}

function Order({ search, change }: Pick<ToolbarProps, 'search' | 'change'>) {
  const active = sortOf(search)
  const arrow = <Icon name={search.order === 'desc' ? 'chevronDown' : 'chevronUp'} size={14} strokeWidth={2.4} />
  return (
    <Menu position="bottom-end" width={190} shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" rightSection={arrow}>
          {orders[active].label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Sort by</Menu.Label>
        {sorts.map(sort => (
          <Menu.Item
            key={sort}
            rightSection={sort === active && arrow}
            fw={sort === active ? 600 : undefined}
            onClick={() => change(sortedBy(sort, search))}
          >
            {orders[sort].label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function Chips({ search, change }: Pick<ToolbarProps, 'search' | 'change'>) {
  // A chosen quick view is shown above.
  const chips = chipsOf(
    quickOf(search) ? { ...search, health: undefined, running: undefined, status: undefined } : search,
  )
  if (chips.length === 0) return null
  return (
    <div className={classes.chips}>
      {chips.map(chip => (
        <Pill
          key={chip.id}
          size="md"
          withRemoveButton
          onRemove={() => change(chip.without)}
          removeButtonProps={{
            'aria-label': `Remove the filter ${chip.what} ${chip.value}`,
            'aria-hidden': false,
            tabIndex: 0,
          }}
        >
          {chip.what}: <b>{chip.value}</b>
        </Pill>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={() => change(noFilter)}>
        Clear all
      </Button>
    </div>
  )
}
