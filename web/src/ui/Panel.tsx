import { clsx } from './clsx'
import type { ReactNode } from 'react'
import classes from './Panel.module.css'

interface Props {
  title?: ReactNode
  /** At the right of the title: a link to more, a switch. */
  aside?: ReactNode
  /** Without space around the content, for tables. */
  flush?: boolean
  className?: string
  children: ReactNode
}

/** A part of a page, in a frame. */
export function Panel({ title, aside, flush, className, children }: Props) {
  return (
    <section className={clsx(classes.panel, className)}>
      {(title || aside) && (
        <div className={classes.head}>
          {title && <h2 className={classes.title}>{title}</h2>}
          {aside && <div className={classes.aside}>{aside}</div>}
        </div>
      )}
      <div className={flush ? classes.flush : classes.content}>{children}</div>
    </section>
  )
}
