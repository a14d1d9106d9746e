import { ActionIcon, Button, Fieldset, Group, Stack, TextInput } from '@mantine/core'
import { Icon } from './Icon'
import { adding, removing } from './rows'

/** A pair being edited. */
interface PairRow {
  id: number
  name: string
  value: string
}

let ids = 0
const emptyRow = (): PairRow => ({ id: ++ids, name: '', value: '' })

/** The form rows of pairs. */
export const rowsOf = (pairs: Record<string, string> | undefined): PairRow[] =>
  Object.entries(pairs ?? {}).map(([name, value]) => ({ id: ++ids, name, value }))

/** The pairs of form rows; rows without a name are ignored. */
export const pairsOf = (rows: readonly PairRow[]): Record<string, string> =>
  Object.fromEntries(rows.filter(row => row.name.trim()).map(row => [row.name.trim(), row.value.trim()]))

interface Props {
  label: string
  example: [string, string]
  rows: readonly PairRow[]
  onChange: (rows: PairRow[]) => void
}

export function PairsField({ label, example, rows, onChange }: Props) {
  const edit = (id: number, by: Partial<PairRow>) =>
    onChange(rows.map(row => (row.id === id ? { ...row, ...by } : row)))
  return (
    <Fieldset variant="unstyled" legend={label} styles={{ root: { marginInline: 0 }, legend: { padding: 0 } }}>
      <Stack gap={6} data-rows>
        {rows.map((row, i) => (
          <Group key={row.id} gap={6} wrap="nowrap" data-row>
            <TextInput
              aria-label={`${label}: name ${i + 1}`}
              placeholder={example[0]}
              value={row.name}
              onChange={e => edit(row.id, { name: e.currentTarget.value })}
            />
            =
            <TextInput
              aria-label={`${label}: value ${i + 1}`}
              placeholder={example[1]}
              value={row.value}
              onChange={e => edit(row.id, { value: e.currentTarget.value })}
            />
            <ActionIcon
              aria-label={`${label}: remove pair ${i + 1}`}
              onClick={removing(() => onChange(rows.filter(r => r.id !== row.id)))}
            >
              <Icon name="cross" size={14} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<Icon name="plus" size={14} />}
            aria-label={`${label}: add a pair`}
            data-add-row
            onClick={adding(() => onChange([...rows, emptyRow()]))}
          >
            Add a pair
          </Button>
        </div>
      </Stack>
    </Fieldset>
  )
}
