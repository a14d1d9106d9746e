import type { PreviewWarning } from '@/api/jobs'
import { Icon } from './Icon'
import { Panel } from './Panel'
import { sentence } from './words'
import classes from './Warnings.module.css'

/** What the server doubts about a job. Nothing, if it doubts nothing. */
export function Warnings({ warnings }: { warnings: readonly PreviewWarning[] }) {
  if (!warnings.length) return null
  return (
    <Panel title="This may not be what you mean">
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
