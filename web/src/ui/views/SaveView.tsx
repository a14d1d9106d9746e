import { Button, Popover, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { longestName } from './views'

interface Props {
  /** A name to begin with. */
  suggestion: string
  onSave: (name: string) => void
}

/** A button that gives the list, as it is shown now, a name. */
export function SaveView({ suggestion, onSave }: Props) {
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={280} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button size="compact-sm" variant="subtle" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          Save view
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Save view">
        <NameForm
          suggestion={suggestion}
          onSave={name => {
            setOpened(false)
            onSave(name)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

function NameForm({ suggestion, onSave }: Props) {
  const [name, setName] = useState(suggestion.slice(0, longestName))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim()) onSave(name.trim())
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name of the view"
          description="Kept in this browser. To share it, send the page’s address."
          maxLength={longestName}
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          onFocus={event => event.currentTarget.select()}
          data-autofocus
        />
        <Button type="submit" disabled={!name.trim()}>
          Save
        </Button>
      </Stack>
    </form>
  )
}
