import { Anchor, Modal, Table, Text } from '@mantine/core'
import { serverURL } from '@/api/client'
import { useAllShortcuts } from '@/ui/shortcuts'

/** All keyboard shortcuts of the current page. */
export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const shortcuts = useAllShortcuts()
  return (
    <Modal opened={opened} onClose={onClose} title="Shortcuts">
      <Table highlightOnHover={false} withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          <Row keys={['Ctrl', 'K']} what="Find a job or a page" />
          {shortcuts.map(s => (
            <Row key={`${s.keys}${s.what}`} keys={s.keys.split(' ')} what={s.what} />
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="sm">
        A script can do all that this page does: see the API at{' '}
        <Anchor href={new URL('docs/', serverURL).href}>/docs/</Anchor>.
      </Text>
    </Modal>
  )
}

function Row({ keys, what }: { keys: string[]; what: string }) {
  return (
    <Table.Tr>
      <Table.Td w={110}>
        {keys.map((key, i) => (
          <span key={key}>
            {i > 0 && ' '}
            <kbd>{key}</kbd>
          </span>
        ))}
      </Table.Td>
      <Table.Td>{what}</Table.Td>
    </Table.Tr>
  )
}
