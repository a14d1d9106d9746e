import { Button, Text } from '@mantine/core'
import type { Verb } from '@/api/session'
import { Icon } from '@/ui/Icon'
import { useMay } from '@/ui/may'
import { count, counted } from '@/ui/size'
import { acts, type ActName } from './acts'
import classes from './BulkBar.module.css'
import type { Selecting } from './selection'

interface Props {
  selecting: Selecting
  /** How many jobs match. */
  total: number
  /** Whether all jobs of this page are selected. */
  pageChosen: boolean
  /** How many of the selected jobs this page does not show: they are on another one, or do not match any more. */
  unseen: number
  onAct: (act: ActName) => void
  onExport: () => void
}

const names = Object.keys(acts) as ActName[]
const verbs: Record<ActName, Verb> = { run: 'run', enable: 'write', disable: 'write', stop: 'stop', delete: 'write' }

/** The actions on selected jobs. */
export function BulkBar({ selecting, total, pageChosen, unseen, onAct, onExport }: Props) {
  const may = useMay()
  const chosen = selecting.count(total)
  if (chosen === 0) return null
  return (
    <section className={classes.bar} aria-label="Selected jobs">
      <Text size="sm" fw={600} component="output">
        {selecting.selection.all
          ? `All ${counted(total, 'matching job')} selected`
          : `${counted(chosen, 'job')} selected${unseen ? `, ${count(unseen)} not on this page` : ''}`}
      </Text>
      {pageChosen && !selecting.selection.all && total > chosen && (
        <Button size="compact-sm" variant="subtle" onClick={selecting.chooseAll}>
          Select all {count(total)} matching
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" onClick={selecting.clear}>
        Clear
      </Button>
      <div className={classes.acts}>
        {names
          .filter(name => may(verbs[name]))
          .map(name => (
            <Button
              key={name}
              size="compact-sm"
              variant="default"
              className={name === 'delete' ? classes.danger : undefined}
              leftSection={<Icon name={acts[name].icon} size={14} />}
              onClick={() => onAct(name)}
            >
              {acts[name].verb}
            </Button>
          ))}
        <Button size="compact-sm" variant="default" leftSection={<Icon name="download" size={14} />} onClick={onExport}>
          Export
        </Button>
      </div>
    </section>
  )
}
