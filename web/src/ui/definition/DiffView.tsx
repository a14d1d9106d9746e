import { Text } from '@mantine/core'
import { counted } from '@/ui/size'
import { readable } from './text'
import { diff, fold, type Fold, type Line, whole } from './diff'
import classes from './DiffView.module.css'

interface Props {
  /** Absent for the first version. */
  before?: object
  after: object
}

const signs = { same: ' ', added: '+', removed: '−' }
const words = { same: undefined, added: 'added: ', removed: 'removed: ' }

/** The changes from one definition to another, or all of the first one. */
export function DiffView({ before, after }: Props) {
  const lines = before ? diff(readable(before), readable(after)) : undefined
  if (lines?.every(l => l.kind === 'same'))
    return (
      <Text size="sm" c="dimmed" p="xs">
        No differences.
      </Text>
    )
  return (
    <div className={classes.diff}>
      {(lines ? fold(lines) : whole(readable(after))).map(line => (
        <Row key={line.at} line={line} />
      ))}
    </div>
  )
}

function Row({ line }: { line: Line | Fold }) {
  if (line.kind === 'fold') return <div className={classes.fold}>{counted(line.count, 'unchanged line')}</div>
  return (
    <div className={classes.line} data-kind={line.kind}>
      <span aria-hidden="true">{signs[line.kind]}</span>
      {words[line.kind] && <span className="spoken">{words[line.kind]}</span>}
      <code>{line.text}</code>
    </div>
  )
}
