import { Link } from '@/ui/link'
import classes from './Launches.module.css'
import { same, views, type LaunchesSearch } from './search'

/** Common filters, as links. */
export function Views({ search }: { search: LaunchesSearch }) {
  return (
    <nav className={classes.views} aria-label="Views">
      {views.map(view => {
        const active = same(view.search, search)
        return (
          <Link
            key={view.label}
            to="/launches"
            search={view.search}
            className={classes.view}
            data-chosen={active || undefined}
            activeProps={{}}
            aria-current={active ? 'page' : undefined}
            underline="never"
          >
            {view.label}
          </Link>
        )
      })}
    </nav>
  )
}
