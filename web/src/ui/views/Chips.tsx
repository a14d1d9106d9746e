import { CloseButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from '../link'
import { count } from '../size'
import classes from './Chips.module.css'

/** A row of views, each a link to a list. */
export const Chips = ({ children }: { children: ReactNode }) => (
  <nav className={classes.chips} aria-label="Views">
    {children}
  </nav>
)

interface ChipProps {
  /** Its link. */
  children: ReactNode
  /** Deletes the view. */
  onRemove?: () => void
  name?: string
}

/** A view with a button that deletes it. */
export function OwnChip({ children, onRemove, name }: ChipProps) {
  return (
    <span className={classes.own}>
      {children}
      <CloseButton size={24} iconSize={14} radius="xl" aria-label={`Delete the view ${name}`} onClick={onRemove} />
    </span>
  )
}

/** A number in a chip. */
export const ChipCount = ({ n, tone }: { n: number; tone?: string }) => (
  <span className={classes.count} data-tone={n ? tone : undefined}>
    {count(n)}
  </span>
)

interface LinkProps {
  to: '/jobs' | '/launches'
  /** The search parameters, as the page reads them. */
  search: object
  chosen: boolean
  children: ReactNode
}

/** A view as a link to its list. */
export const ChipLink = ({ to, search, chosen, children }: LinkProps) => (
  <Link
    to={to}
    search={search}
    className={classes.chip}
    data-chosen={chosen || undefined}
    activeProps={{}}
    aria-current={chosen ? 'page' : undefined}
    underline="never"
  >
    {children}
  </Link>
)
