import type { PreviewWarning } from '@/api/jobs'
import { Icon } from './Icon'
import { Panel } from './Panel'
import { sentence } from './words'
import classes from './Warnings.module.css'

/** The server’s warnings about a job, if there are any. */
export function Warnings({ warnings }: { warnings: readonly PreviewWarning[] }) {
  if (!warnings.length) return null
  return (
    <Panel title="Warnings">
      <ul className={classes.list}>
        {warnings.map(warning => (
          <li key={warning.text} data-tone="wait">
            <Icon name="alert" size={16} />
            <span>{sentence(warning.text)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
