import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Job, JobSort } from '@/api/jobs'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { useList } from './list'
import classes from './Jobs.module.css'
import { orders, sortedBy, sortOf } from './order'
import { Row } from './Row'
import { SelectPage } from './SelectPage'
import type { JobsSearch } from './search'

interface Props {
  jobs: readonly Job[]
  search: JobsSearch
  change: (by: JobsSearch) => void
}

export function JobTable({ jobs, search, change }: Props) {
  const { selecting } = useList()
  const head = (sorts: readonly JobSort[], label: string, className?: string) => (
    <Head sorts={sorts} label={label} className={className} search={search} change={change} />
  )
  return (
    <table className={classes.table} aria-label="Jobs">
      <thead>
        <tr>
          <th className={classes.pick} scope="col">
            <SelectPage jobs={jobs} />
          </th>
          {head(['id'], 'Job', classes.nameHead)}
          <th scope="col" className={classes.stateHead}>
            State
          </th>
          {head(['schedule'], 'Schedule')}
          {head(['next'], 'Next run', classes.time)}
          {head(['last_success', 'last_error'], 'Last run', clsx(classes.time, classes.lastCell))}
          {head(['error_count', 'success_count'], 'Success', classes.successCell)}
          {head(['owner'], 'Owner', classes.ownerCell)}
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
  /** A click sorts by the first; if the list is sorted by another, that one's name is shown. */
  sorts: readonly JobSort[]
  label: string
  className?: string
  search: JobsSearch
  change: (by: JobsSearch) => void
}

function Head({ sorts, label, className, search, change }: HeadProps) {
  const active = sorts.find(sort => sort === sortOf(search))
  const sort = active ?? sorts[0]!
  const descending = search.order === 'desc'
  const shown: ReactNode = active && sorts.length > 1 ? orders[active].label : label
  return (
    <th scope="col" className={className} aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <UnstyledButton
        className={classes.sort}
        title={`Sort by ${orders[sort].label.toLowerCase()}`}
        onClick={() => change(sortedBy(sort, search))}
      >
        {shown}
        {active && <Icon name={descending ? 'chevronDown' : 'chevronUp'} size={14} strokeWidth={2.4} />}
      </UnstyledButton>
    </th>
  )
}
