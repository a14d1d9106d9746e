import type { Preview } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { counted } from '@/ui/size'
import classes from './side.module.css'

const shown = 24 // nodes

/** Where a draft would run now. */
export function Nodes({ preview }: { preview: Preview | undefined }) {
  if (!preview) return null
  const { matching, count } = preview.targets
  if (matching.length === 0)
    return (
      <output className={classes.none}>
        <Icon name="alert" size={16} />
        No live node has these tags. A launch waits ten seconds, then ends as “no target”.
      </output>
    )
  return (
    <div>
      <p className={classes.found}>{words(count, matching.length)}</p>
      <div className={classes.nodes}>
        {matching.slice(0, shown).map(node => (
          <PlainLink key={node} to="/nodes/$node" params={{ node }} className={classes.node} target="_blank">
            {node}
          </PlainLink>
        ))}
        {matching.length > shown && <span className={classes.node}>and {matching.length - shown} more</span>}
      </div>
    </div>
  )
}

function words(count: number, matching: number): string {
  if (count === 0) return 'A count of 0 selects no node.'
  if (count >= matching)
    return matching === 1 ? 'Runs on the one matching node:' : `Runs on all ${counted(matching, 'matching node')}:`
  return `Each launch uses ${count} of ${counted(matching, 'matching node')}:`
}
