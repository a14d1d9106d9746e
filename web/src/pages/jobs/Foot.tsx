import { Pagination } from '@mantine/core'
import { count } from '@/ui/size'
import classes from './Jobs.module.css'

interface Props {
  page: number
  pageSize: number
  total: number
  narrow: boolean
  onChange: (page: number) => void
}

export const pagesOf = (total: number, pageSize: number) => Math.max(1, Math.ceil(total / pageSize))

/** The current page of the list, and links to the others. */
export function Foot({ page, pageSize, total, narrow, onChange }: Props) {
  const pages = pagesOf(total, pageSize)
  if (pages === 1) return null
  const first = (page - 1) * pageSize
  return (
    <nav className={classes.foot} aria-label="Pages of the list">
      <span>
        {count(first + 1)}–{count(Math.min(first + pageSize, total))} of {count(total)}
      </span>
      <Pagination
        size="sm"
        total={pages}
        value={page}
        siblings={narrow ? 0 : 1}
        onChange={onChange}
        getItemProps={n => ({ 'aria-label': `Page ${n}` })}
        getControlProps={control => ({ 'aria-label': control === 'next' ? 'Next page' : 'Previous page' })}
      />
    </nav>
  )
}
