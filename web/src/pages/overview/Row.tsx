import type { ReactNode } from 'react'
import classes from './Overview.module.css'

export const Rows = ({ children }: { children: ReactNode }) => <ul className={classes.rows}>{children}</ul>

interface Props {
  mark?: ReactNode
  title: ReactNode
  sub?: ReactNode
  side?: ReactNode
}

/** One line of a short list: an icon, a title, and a time. */
export function Row({ mark, title, sub, side }: Props) {
  return (
    <li className={classes.row}>
      {mark}
      <div className={classes.main}>
        <span className={classes.title}>{title}</span>
        {sub && <span className={classes.sub}>{sub}</span>}
      </div>
      {side && <div className={classes.side}>{side}</div>}
    </li>
  )
}
