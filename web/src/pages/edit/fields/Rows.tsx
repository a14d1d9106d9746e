import { ActionIcon, Button, TextInput } from '@mantine/core'
import { Icon } from '@/ui/Icon'
import { clsx } from '@/ui/clsx'
import { adding, removing } from '@/ui/rows'
import { newRow, type Row } from '../model/rows'
import classes from './fields.module.css'

interface Props {
  rows: Row[]
  onChange: (rows: Row[]) => void
  /** What a row is: `a pair`. */
  what: string
  keyExample?: string
  valueExample?: string
}

/** Keys with values. */
export function Rows({ rows, onChange, what, keyExample = 'key', valueExample = 'value' }: Props) {
  const change = (row: Row, part: Partial<Row>) => onChange(rows.map(r => (r.id === row.id ? { ...r, ...part } : r)))
  return (
    <div className={clsx(classes.rows, classes.mono)} data-rows>
      {rows.map((row, i) => (
        <div key={row.id} className={classes.row} data-row>
          <TextInput
            aria-label={`Key ${i + 1} of ${what}`}
            placeholder={keyExample}
            value={row.key}
            onChange={event => change(row, { key: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of ${row.key || `key ${i + 1}`}`}
            placeholder={valueExample}
            value={row.value}
            onChange={event => change(row, { value: event.currentTarget.value })}
          />
          <RemoveRow what={row.key || `row ${i + 1}`} onClick={() => onChange(rows.filter(r => r.id !== row.id))} />
        </div>
      ))}
      <AddRow what={what} onClick={() => onChange([...rows, newRow()])} />
    </div>
  )
}

export function RemoveRow({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <ActionIcon size="lg" aria-label={`Remove ${what}`} onClick={removing(onClick)}>
      <Icon name="cross" size={16} />
    </ActionIcon>
  )
}

export function AddRow({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <div>
      <Button
        variant="default"
        size="compact-sm"
        type="button"
        data-add-row
        leftSection={<Icon name="plus" size={14} />}
        onClick={adding(onClick)}
      >
        Add {what}
      </Button>
    </div>
  )
}
