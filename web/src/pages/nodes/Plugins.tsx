import { Button, Table, Text, Tooltip } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { timeOf } from '@/api/client'
import { pluginsQuery, restartPlugin, type Plugin } from '@/api/plugins'
import { attempt, tell } from '@/ui/act'
import { useMay } from '@/ui/may'
import { Panel } from '@/ui/Panel'
import { bytes, count } from '@/ui/size'
import { When } from '@/ui/When'
import classes from './Nodes.module.css'
import { pluginLooks, troubleOf } from './plugin'

/** The plugins of a node; nothing if it has none. */
export function Plugins({ node }: { node: string }) {
  const { data } = useQuery(pluginsQuery(node))
  if (!data?.plugins.length) return null
  return (
    <Panel flush title="Plugins">
      <Table aria-label="Plugins of this node" className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Plugin</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th visibleFrom="sm">Version</Table.Th>
            <Table.Th visibleFrom="sm">Restarts</Table.Th>
            <Table.Th visibleFrom="sm">Memory</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.plugins.map(plugin => (
            <Row key={`${plugin.kind} ${plugin.name}`} plugin={plugin} />
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  )
}

function Row({ plugin }: { plugin: Plugin }) {
  const { kind, name, version, restarts, memory, state } = plugin
  const may = useMay()
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <Tooltip label={plugin.path} openDelay={300} multiline maw={420}>
          <Text component="span" fw={550} inherit>
            {name}
          </Text>
        </Tooltip>
        {kind !== 'executor' && (
          <Text component="span" c="dimmed" inherit>
            {' '}
            {kind}
          </Text>
        )}
        <Trouble plugin={plugin} />
      </Table.Td>
      <Table.Td>
        <State plugin={plugin} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{version || '–'}</Table.Td>
      <Table.Td visibleFrom="sm">{count(restarts)}</Table.Td>
      <Table.Td visibleFrom="sm" className={classes.time}>
        {memory == null ? '–' : bytes(memory)}
      </Table.Td>
      <Table.Td ta="right">{state !== 'starting' && may('admin', 'all') && <Restart plugin={plugin} />}</Table.Td>
    </Table.Tr>
  )
}

function State({ plugin }: { plugin: Plugin }) {
  const { tone, label, meaning } = pluginLooks[plugin.state]
  const next = timeOf(plugin.next_start)
  return (
    <>
      <Tooltip label={meaning} openDelay={300} multiline maw={300}>
        <span className={classes.condition} data-tone={tone}>
          <i />
          {label}
        </span>
      </Tooltip>
      {next && (
        <Text size="xs" c="dimmed">
          <When at={next} />
        </Text>
      )}
    </>
  )
}

function Trouble({ plugin }: { plugin: Plugin }) {
  const trouble = troubleOf(plugin)
  if (!trouble) return null
  const at = timeOf(plugin.last_error_at)
  return (
    <Text size="xs" c="dimmed" className={classes.trouble}>
      {!plugin.reason && 'Last error'}
      {!plugin.reason && at && (
        <>
          {' '}
          (<When at={at} />)
        </>
      )}
      {!plugin.reason && ': '}
      {trouble}
    </Text>
  )
}

function Restart({ plugin }: { plugin: Plugin }) {
  const [busy, setBusy] = useState(false)
  const client = useQueryClient()
  const restart = async () => {
    setBusy(true)
    const now = await attempt(`restart ${plugin.name}`, () => restartPlugin(plugin))
    await client.invalidateQueries({ queryKey: ['plugins'] })
    setBusy(false)
    if (now?.state === 'running') tell(`${plugin.name} runs in a new process`)
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={busy}
      aria-label={`Restart ${plugin.name}`}
      onClick={() => void restart()}
    >
      Restart
    </Button>
  )
}
