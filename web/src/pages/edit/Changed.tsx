import { Alert, Button, Group, Modal, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { definitionOf, type Job } from '@/api/jobs'
import { Icon } from '@/ui/Icon'
import { When } from '@/ui/When'
import { timeOf } from '@/api/client'
import { changesOf } from './model/changes'
import type { Definition } from './model/form'
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
  const changes = changesOf(definitionOf(opened) as Definition, definitionOf(now) as Definition)
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
        {changes.length === 0 && <Text size="sm">Nothing differs from what you opened.</Text>}
        <Table.ScrollContainer minWidth={420} hidden={changes.length === 0}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>When opened</Table.Th>
                <Table.Th>Now</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {changes.map(change => (
                <Table.Tr key={change.path}>
                  <Table.Td>{change.path}</Table.Td>
                  <Table.Td>{shown(change.was)}</Table.Td>
                  <Table.Td>{shown(change.is)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Modal>
    </Alert>
  )
}

const shown = (value: unknown) =>
  value === undefined ? '–' : typeof value === 'string' ? value || '(empty)' : JSON.stringify(value)
