import { UnstyledButton } from '@mantine/core'
import type { Job, JobSort } from '@/api/jobs'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { useList } from './list'
import classes from './Jobs.module.css'
import { hasColumn, orders, sortedBy, sortOf } from './order'
import { Row } from './Row'
import { SelectPage } from './SelectPage'
import type { JobsSearch } from './search'

interface Props {
  jobs: readonly Job[]
  search: JobsSearch
  change: (by: JobsSearch) => void
}

export function JobTable({ jobs, search, change }: Props) {
  const { selecting, sort } = useList()
  const head = (by: JobSort, label: string, className?: string) => (
    <Head sort={by} label={label} className={className} search={search} change={change} />
  )
  return (
    <table className={classes.table} aria-label="Jobs">
      <thead>
        <tr>
          <th className={classes.pick} scope="col">
            <SelectPage jobs={jobs} />
          </th>
          {head('id', 'Job', classes.nameHead)}
          {head('health', 'State', classes.stateHead)}
          {!hasColumn(sort) && head(sort, orders[sort].label, classes.sortedCell)}
          <th scope="col" className={classes.recentCell}>
            Last 10 runs
          </th>
          {head('schedule', 'Schedule')}
          {head('next', 'Next run', classes.time)}
          <th scope="col" className={clsx(classes.time, classes.lastCell)}>
            Last run
          </th>
          <th scope="col" className={classes.successCell}>
            Success
          </th>
          {head('owner', 'Owner', classes.ownerCell)}
          <th scope="col" className={classes.targetsCell}>
            Targets
          </th>
          <th className={classes.menu} scope="col">
            <span className="spoken">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map(job => (
          <Row key={job.name} job={job} selected={selecting.has(job.name)} />
        ))}
      </tbody>
    </table>
  )
}

interface HeadProps {
  sort: JobSort
  label: string
  className?: string
  search: JobsSearch
  change: (by: JobsSearch) => void
}

/** The head of a column; a click sorts by what its cells show. */
function Head({ sort, label, className, search, change }: HeadProps) {
  const active = sort === sortOf(search)
  const descending = search.order === 'desc'
  return (
    <th scope="col" className={className} aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <UnstyledButton
        className={classes.sort}
        title={`Sort by ${orders[sort].label.toLowerCase()}`}
        onClick={() => change(sortedBy(sort, search))}
      >
        {label}
        {active && <Icon name={descending ? 'chevronDown' : 'chevronUp'} size={14} strokeWidth={2.4} />}
      </UnstyledButton>
    </th>
  )
}
