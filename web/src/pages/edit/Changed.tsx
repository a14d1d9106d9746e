import { Alert, Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import { definitionOf, type Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { When } from '@/ui/When'
import { timeOf } from '@/api/client'
import { DiffView } from '@/ui/definition/DiffView'
import { ask } from '@/ui/act'

interface Props {
  opened: Job
  now: Job
  overwrite: () => void
  reload: () => void
}

/** Saving without a choice focuses it. */
export const changedId = 'edit-changed'

/** Says that somebody else changed the job being edited, and lets the reader choose. */
export function Changed({ opened, now, overwrite, reload }: Props) {
  const [looking, setLooking] = useState(false)
  const drop = async () => {
    const sure = await ask({
      title: 'Take their version?',
      children: 'Your changes here will be lost.',
      confirm: 'Take theirs',
      danger: true,
    })
    if (sure) reload()
  }
  return (
    <Alert
      id={changedId}
      tabIndex={-1}
      color="yellow"
      variant="light"
      icon={<Icon name="alert" />}
      title="The job was changed while you were editing"
      role="alert"
    >
      <Text size="sm">
        {now.updated_by ? `By ${now.updated_by}, ` : ''}
        <When at={timeOf(now.updated_at)} />. Choose a version before you save.
      </Text>
      <Group gap="xs" mt="xs">
        <Button size="xs" variant="default" onClick={() => setLooking(true)}>
          View their changes
        </Button>
        <Button size="xs" variant="default" onClick={overwrite}>
          Keep mine
        </Button>
        <Button size="xs" variant="default" onClick={() => void drop()}>
          Take theirs
        </Button>
      </Group>
      <Modal opened={looking} onClose={() => setLooking(false)} title="Their changes" size="lg">
        <DiffView before={definitionOf(opened)} after={definitionOf(now)} />
      </Modal>
    </Alert>
  )
}
