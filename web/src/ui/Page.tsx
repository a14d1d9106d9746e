import { Group } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import classes from './Page.module.css'

interface Props {
  title: string
  /** Shown instead of the title if it is more than text. */
  heading?: ReactNode
  /** Where this belongs, above the title. */
  above?: ReactNode
  /** One line under the title. */
  below?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page: its title, also in the browser's tab, its actions and its content. */
export function Page({ title, heading, above, below, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · dkron`
  }, [title])
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.words}>
          {above && <div className={classes.above}>{above}</div>}
          <h1 className={classes.title}>{heading ?? title}</h1>
          {below && <div className={classes.below}>{below}</div>}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </header>
      {children}
    </div>
  )
}
