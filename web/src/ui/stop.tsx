import { Button, Group, Text, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useState, type FormEvent, type ReactNode } from 'react'

interface Question {
  title: string
  /** What stopping does. */
  what: ReactNode
  /** Returns nothing if it failed; then the dialog stays. */
  stop: (reason?: string) => Promise<unknown>
}

/** Asks for confirmation and a reason before something is stopped. */
export function askToStop({ title, what, stop }: Question) {
  const close = () => modals.close(id)
  const id = modals.open({
    title,
    closeButtonProps: { 'aria-label': 'Close' },
    children: <StopForm what={what} stop={stop} close={close} />,
  })
}

function StopForm({ what, stop, close }: Omit<Question, 'title'> & { close: () => void }) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    if (await stop(reason.trim() || undefined)) close()
    setBusy(false)
  }
  return (
    <form onSubmit={event => void submit(event)}>
      <Text size="sm" mb="sm">
        {what}
      </Text>
      <TextInput
        label="Reason"
        description="Kept in the history."
        placeholder="Optional"
        maxLength={200}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button color="red.9" type="submit" loading={busy}>
          Stop
        </Button>
      </Group>
    </form>
  )
}
