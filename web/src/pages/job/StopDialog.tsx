import { Button, Group, Modal, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { stopJob, type Job } from '@/api/jobs'
import { attempt, tell } from '@/ui/act'
import { counted } from '@/ui/size'
import { useRefresh } from './useRefresh'
import { nameOf } from '@/ui/words'

interface Props {
  job: Job
  opened: boolean
  onClose: () => void
}

/** Asks before all that runs or waits of a job is stopped, and why. */
export function StopDialog({ job, opened, onClose }: Props) {
  const [reason, setReason] = useState('')
  const refresh = useRefresh()
  const title = nameOf(job)
  const what = [
    job.running && `${counted(job.running, 'launch', 'launches')} that run${job.running === 1 ? 's' : ''}`,
    job.queued && `${counted(job.queued, 'launch', 'launches')} that wait${job.queued === 1 ? 's' : ''}`,
  ].filter(Boolean)

  async function stop(event: FormEvent) {
    event.preventDefault()
    onClose()
    const answer = await attempt(`stop ${title}`, () => stopJob(job.name, reason.trim() || undefined))
    if (answer) tell(answer.stopped ? `${counted(answer.stopped, 'launch', 'launches')} asked to stop` : 'Nothing ran')
    await refresh(job.name)
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Stop ${title}?`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={event => void stop(event)}>
        <Text size="sm" mb="sm">
          {what.length > 0 && `It has ${what.join(' and ')}. `}Commands are asked to end, and killed if they do not.
        </Text>
        <TextInput
          label="Reason"
          description="Kept with the launch, for whoever wonders later."
          placeholder="Wrong release"
          value={reason}
          onChange={event => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color="red.9" type="submit">
            Stop
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
