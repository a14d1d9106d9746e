import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { memo, useState, type ReactNode } from 'react'
import { jobsQuery, type Job } from '@/api/jobs'
import { clsx } from '@/ui/clsx'
import { Icon } from '@/ui/Icon'
import { Link } from '@/ui/link'
import { count, counted } from '@/ui/size'
import { nameOf } from '@/ui/words'
import { LastRun, Name, Next, Owner, Pick, Recent, Sorted, State, Success, Targets, Timing } from './cells'
import { useList } from './list'
import classes from './Jobs.module.css'
import { hasColumn } from './order'
import { squares } from './search'
import { RowMenu } from './RowMenu'

interface Props {
  job: Job
  selected: boolean
  /** Its depth in the tree. */
  depth?: number
}

const unfolded = 4 // levels of a tree that open by themselves: each open job is one request

/** A job in the table; its children unfold below it. Of plain elements, since there may be hundreds. */
export const Row = memo(function Row({ job, selected, depth = 0 }: Props) {
  const { tree, sort } = useList()
  const [chosen, setOpen] = useState<boolean>()
  const open = chosen ?? (tree && depth < unfolded && Boolean(job.dependent_jobs?.length))
  return (
    <>
      <tr data-job={job.name} className={classes.row} data-selected={selected || undefined}>
        <td className={classes.pick}>
          <Pick job={job} selected={selected} />
        </td>
        <td className={classes.nameCell}>
          <Indented depth={depth}>
            <Unfold job={job} open={open} onClick={() => setOpen(!open)} />
            <Name job={job} />
          </Indented>
        </td>
        <td>
          <State job={job} />
        </td>
        {!hasColumn(sort) && (
          <td className={classes.sortedCell}>
            <Sorted job={job} />
          </td>
        )}
        <td className={classes.recentCell}>
          <Recent job={job} />
        </td>
        <td>
          <Timing job={job} />
        </td>
        <td className={classes.time}>
          <Next job={job} />
        </td>
        <td className={clsx(classes.time, classes.lastCell)}>
          <LastRun job={job} />
        </td>
        <td className={classes.successCell}>
          <Success job={job} />
        </td>
        <td className={classes.ownerCell}>
          <Owner job={job} />
        </td>
        <td className={classes.targetsCell}>
          <Targets job={job} />
        </td>
        <td className={classes.menu}>
          <RowMenu job={job} />
        </td>
      </tr>
      {open && <Children of={job.name} depth={depth + 1} />}
    </>
  )
})

function Unfold({ job, open, onClick }: { job: Job; open: boolean; onClick: () => void }) {
  const children = job.dependent_jobs?.length ?? 0
  if (children === 0) return <span className={classes.leaf} />
  const label = `${open ? 'Hide' : 'Show'} ${counted(children, 'child', 'children')} of ${nameOf(job)}`
  return (
    <button
      type="button"
      className={classes.unfold}
      aria-label={label}
      title={label}
      aria-expanded={open}
      onClick={onClick}
    >
      <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} />
    </button>
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
  const { data, error } = useQuery(jobsQuery({ parent: of, recent: squares, end: mostChildren }))
  if (!data) {
    return (
      <Line depth={depth}>
        {error ? `Can’t load the children of ${of}: ${error.message}` : <Skeleton h={16} w={200} />}
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
    <tr>
      <td colSpan={12} className={clsx(classes.nameCell, classes.line)}>
        <Indented depth={depth}>
          <span className={classes.leaf} />
          {children}
        </Indented>
      </td>
    </tr>
  )
}
