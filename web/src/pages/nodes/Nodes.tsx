import { Alert, Box, Table, Text } from '@mantine/core'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { count, counted } from '@/ui/size'
import { Average, Cpu, HighSince, Memory, Running } from './Load'
import { mixed, type Node } from './node'
import { Condition, Role, Tags } from './NodeBadges'
import classes from './Nodes.module.css'
import { useNodes } from './useNodes'

/** The nodes of the cluster, their health, and what they run. */
export function Nodes() {
  const nodes = useNodes()
  return (
    <Page title="Nodes" below={nodes.data && summary(nodes.data)}>
      {nodes.data && mixed(nodes.data) && (
        <Alert color="yellow" variant="light" icon={<Icon name="alert" />} title="Nodes run different versions">
          Expected during an upgrade, but not for long: an older server may not understand what a newer one writes.
        </Alert>
      )}
      <Panel flush>
        <Loaded query={nodes} what="the nodes" lines={6}>
          {all => <List nodes={all} />}
        </Loaded>
      </Panel>
      <Text size="sm" c="dimmed">
        Add a node with <code>dkron agent --retry-join=&lt;a server&gt; --tag role=web</code>; jobs select nodes by
        their tags.
      </Text>
    </Page>
  )
}

function summary(nodes: Node[]): string {
  const alive = nodes.filter(n => n.status === 'alive')
  const servers = alive.filter(n => n.isServer).length
  const offline = nodes.filter(n => n.status === 'failed').length
  const words = [counted(servers, 'server'), counted(alive.length - servers, 'agent')]
  const high = alive.filter(n => n.load?.high.length).map(n => n.name)
  const overloaded = high.length ? `; overloaded: ${high.slice(0, 3).join(', ')}${high.length > 3 ? ' …' : ''}` : ''
  return `${words.join(' and ')} alive${offline ? `, ${count(offline)} offline` : ''}${overloaded}`
}

function List({ nodes }: { nodes: Node[] }) {
  return (
    <Table aria-label="Nodes" className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Node</Table.Th>
          <Table.Th>Health</Table.Th>
          <Table.Th visibleFrom="sm">Role</Table.Th>
          <Table.Th>Running</Table.Th>
          <Table.Th visibleFrom="sm">CPU</Table.Th>
          <Table.Th visibleFrom="sm">Memory</Table.Th>
          <Table.Th visibleFrom="lg">Load</Table.Th>
          <Table.Th visibleFrom="sm">Tags</Table.Th>
          <Table.Th className={classes.address}>Address</Table.Th>
          <Table.Th visibleFrom="md">Version</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {nodes.map(node => (
          <Table.Tr key={node.name} className={classes.row} data-offline={node.status !== 'alive' || undefined}>
            <Table.Td fw={550} className={classes.name}>
              <PlainLink to="/nodes/$node" params={{ node: node.name }}>
                {node.name}
              </PlainLink>
              <Box hiddenFrom="sm">
                <Role node={node} />
              </Box>
            </Table.Td>
            <Table.Td>
              <Condition node={node} />
              <HighSince node={node} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Role node={node} />
              <Lag node={node} />
            </Table.Td>
            <Table.Td>
              <Running node={node} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Cpu node={node} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Memory node={node} />
            </Table.Td>
            <Table.Td visibleFrom="lg">
              <Average node={node} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Tags tags={node.tags} />
            </Table.Td>
            <Table.Td className={classes.address}>{node.address}</Table.Td>
            <Table.Td visibleFrom="md" className={classes.version}>
              {node.version}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

/** How far a server is behind the leader, below its role. */
function Lag({ node }: { node: Node }) {
  if (!node.server || node.server.leader) return null
  const { lag } = node.server
  return <div className={classes.lag}>{lag ? `${lagOf(node)} behind` : lag === 0 ? lagOf(node) : 'lag unknown'}</div>
}

/** The number of entries a server is behind the leader's log. */
export function lagOf({ server }: Node): string {
  if (!server || server.leader) return '–'
  if (server.lag === null) return 'unknown'
  return server.lag ? counted(server.lag, 'entry', 'entries') : 'up to date'
}
