import { ActionIcon, Button, TextInput } from '@mantine/core'
import { Icon } from '@/ui/Icon'
import { clsx } from '@/ui/clsx'
import { adding, removing } from '@/ui/rows'
import { newRow, type Row } from '../model/rows'
import { Suggested } from './Suggested'
import classes from './fields.module.css'

interface Props {
  rows: Row[]
  onChange: (rows: Row[]) => void
  /** What a row is: `a pair`. */
  what: string
  keyExample?: string
  valueExample?: string
  /** The field whose keys and values in other jobs are suggested. */
  suggest?: string
}

/** Keys with values. */
export function Rows({ rows, onChange, what, keyExample = 'key', valueExample = 'value', suggest }: Props) {
  const change = (row: Row, part: Partial<Row>) => onChange(rows.map(r => (r.id === row.id ? { ...r, ...part } : r)))
  return (
    <div className={clsx(classes.rows, classes.mono)} data-rows>
      {rows.map((row, i) => (
        <div key={row.id} className={classes.row} data-row>
          <Input
            label={`Key ${i + 1} of ${what}`}
            placeholder={keyExample}
            value={row.key}
            suggest={suggest}
            onChange={key => change(row, { key })}
          />
          <Input
            label={`Value of ${row.key || `key ${i + 1}`}`}
            placeholder={valueExample}
            value={row.value}
            suggest={suggest && row.key && `${suggest}.${row.key}`}
            onChange={value => change(row, { value })}
          />
          <RemoveRow what={row.key || `row ${i + 1}`} onClick={() => onChange(rows.filter(r => r.id !== row.id))} />
        </div>
      ))}
      <AddRow what={what} onClick={() => onChange([...rows, newRow()])} />
    </div>
  )
}

interface InputProps {
  label: string
  placeholder: string
  value: string
  suggest?: string
  onChange: (value: string) => void
}

function Input({ label, suggest, onChange, ...rest }: InputProps) {
  if (suggest) return <Suggested {...rest} aria-label={label} field={suggest} onChange={onChange} />
  return <TextInput {...rest} aria-label={label} onChange={event => onChange(event.currentTarget.value)} />
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
