import { ActionIcon, Checkbox, Skeleton, Table } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { memo, useState, type ReactNode } from 'react'
import { jobsQuery, type Job } from '@/api/jobs'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { count, counted } from '@/ui/size'
import { titleOf } from './actions'
import { LastRun, Name, Next, Owner, Standing, Success, Targets, Timing } from './cells'
import { useList } from './list'
import classes from './Jobs.module.css'
import { RowMenu } from './RowMenu'

interface Props {
  job: Job
  selected: boolean
  /** How many parents it is shown below. */
  depth?: number
}

/** A job in the table; those that it launches unfold below it. */
export const Row = memo(function Row({ job, selected, depth = 0 }: Props) {
  const { selecting } = useList()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Table.Tr data-job={job.name} className={classes.row} data-selected={selected || undefined}>
        <Table.Td className={classes.pick}>
          <Checkbox
            size="xs"
            aria-label={`Select ${titleOf(job)}`}
            checked={selected}
            onChange={event => selecting.set([job], event.currentTarget.checked)}
          />
        </Table.Td>
        <Table.Td className={classes.nameCell}>
          <Indented depth={depth}>
            <Unfold job={job} open={open} onClick={() => setOpen(!open)} />
            <Name job={job} />
          </Indented>
        </Table.Td>
        <Table.Td>
          <Standing job={job} />
        </Table.Td>
        <Table.Td>
          <Timing job={job} />
        </Table.Td>
        <Table.Td className={classes.time}>
          <Next job={job} />
        </Table.Td>
        <Table.Td className={clsx(classes.time, classes.lastCell)}>
          <LastRun job={job} />
        </Table.Td>
        <Table.Td className={classes.successCell}>
          <Success job={job} />
        </Table.Td>
        <Table.Td className={classes.ownerCell}>
          <Owner job={job} />
        </Table.Td>
        <Table.Td className={classes.targetsCell}>
          <Targets job={job} />
        </Table.Td>
        <Table.Td className={classes.menu}>
          <RowMenu job={job} />
        </Table.Td>
      </Table.Tr>
      {open && <Children of={job.name} depth={depth + 1} />}
    </>
  )
})

function Unfold({ job, open, onClick }: { job: Job; open: boolean; onClick: () => void }) {
  const children = job.dependent_jobs?.length ?? 0
  if (children === 0) return <span className={classes.leaf} />
  const label = `${open ? 'Hide' : 'Show'} what ${titleOf(job)} launches (${counted(children, 'job')})`
  return (
    <ActionIcon size={22} aria-label={label} title={label} aria-expanded={open} onClick={onClick}>
      <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} />
    </ActionIcon>
  )
}

function Indented({ depth, children }: { depth: number; children: ReactNode }) {
  return (
    <div className={classes.indented}>
      {Array.from({ length: depth }, (_, i) => (
        <span key={i} className={classes.guide} />
      ))}
      {children}
    </div>
  )
}

const mostChildren = 100

function Children({ of, depth }: { of: string; depth: number }) {
  const { selecting } = useList()
  const { data, error } = useQuery(jobsQuery({ parent: of, end: mostChildren }))
  if (!data) {
    return (
      <Line depth={depth}>
        {error ? `Could not read what ${of} launches: ${error.message}` : <Skeleton h={16} w={200} />}
      </Line>
    )
  }
  const more = data.total - data.items.length
  return (
    <>
      {data.items.map(job => (
        <Row key={job.name} job={job} depth={depth} selected={selecting.has(job.name)} />
      ))}
      {more > 0 && (
        <Line depth={depth}>
          <Link to="/jobs" search={{ parent: of }} size="sm">
            {count(more)} more
          </Link>
        </Line>
      )}
    </>
  )
}

function Line({ depth, children }: { depth: number; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Td />
      <Table.Td colSpan={9} className={classes.nameCell}>
        <Indented depth={depth}>
          <span className={classes.leaf} />
          {children}
        </Indented>
      </Table.Td>
    </Table.Tr>
  )
}
