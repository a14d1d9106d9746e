import { Table } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { timeOf } from '@/api/client'
import { executionsQuery, statusOf, type Execution } from '@/api/executions'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { ListEnd } from '@/ui/ListEnd'
import { Loaded } from '@/ui/Loaded'
import { Page } from '@/ui/Page'
import { Panel } from '@/ui/Panel'
import { count, counted } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import { took, tookFrom } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { Average, Cpu, HighSince, Memory, Running } from './Load'
import type { Node } from './node'
import { Condition, Role, Tags } from './NodeBadges'
import { lagOf } from './Nodes'
import classes from './Nodes.module.css'
import { Plugins } from './Plugins'
import { useNodes } from './useNodes'

/** One node: what it is, and what it has run. */
export function NodePage() {
  const { node: name } = useParams({ from: '/nodes/$node' })
  const nodes = useNodes()
  return (
    <Page title={name} above={<Link to="/nodes">Nodes</Link>}>
      <Loaded query={nodes} what="the nodes">
        {all => {
          const node = all.find(n => n.name === name)
          if (!node)
            return (
              <Empty
                icon="server"
                title={`No node named “${name}”`}
                action={<LinkButton to="/nodes">All nodes</LinkButton>}
              >
                Nodes that left are removed after a day. Their executions stay in the history of their jobs.
              </Empty>
            )
          return (
            <div className={classes.columns}>
              <Facts node={node} />
              <div className={classes.stack}>
                <Plugins node={name} />
                <History node={name} />
              </div>
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Facts({ node }: { node: Node }) {
  const { server } = node
  return (
    <Panel title="This node">
      <dl className={classes.facts}>
        <dt>Health</dt>
        <dd>
          <Condition node={node} />
          <HighSince node={node} />
        </dd>
        <dt>Role</dt>
        <dd>
          <Role node={node} />
        </dd>
        <dt>Running</dt>
        <dd>
          <Running node={node} />
        </dd>
        <dt>CPU</dt>
        <dd>
          <Cpu node={node} />
        </dd>
        <dt>Memory</dt>
        <dd>
          <Memory node={node} />
        </dd>
        <dt>Load average</dt>
        <dd>
          <Average node={node} />
        </dd>
        {node.tags.length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>
              <Tags tags={node.tags} />
            </dd>
          </>
        )}
        <dt>Address</dt>
        <dd>{server?.address || node.address}</dd>
        <dt>Version</dt>
        <dd>{node.version}</dd>
        {server?.reachable && (
          <>
            <dt>Term</dt>
            <dd>{count(server.term)}</dd>
            <dt>Log</dt>
            <dd>
              {count(server.applied_index)} of {count(server.last_index)} entries applied
            </dd>
            <dt>Lag</dt>
            <dd>{lagOf(node)}</dd>
          </>
        )}
      </dl>
    </Panel>
  )
}

function History({ node }: { node: string }) {
  const query = useInfiniteQuery(executionsQuery({ node }, 50))
  return (
    <Panel flush title="Executions">
      <Loaded query={query} what="the executions" lines={8}>
        {({ pages }) => {
          const all = pages.flatMap(p => p.items)
          if (!all.length)
            return (
              <Empty icon="history" title="No executions kept">
                A job runs here if this node has all of the job’s tags.
              </Empty>
            )
          return (
            <>
              <Executions all={all} />
              <ListEnd query={query} shown={counted(all.length, 'execution')} />
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function Executions({ all }: { all: Execution[] }) {
  const now = useNow()
  return (
    <Table aria-label="Executions on this node" className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Job</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th visibleFrom="xs">Duration</Table.Th>
          <Table.Th visibleFrom="sm">Start delay</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.map(e => {
          const start = timeOf(e.started_at)
          return (
            <Table.Tr key={`${e.job_name} ${e.id}`}>
              <Table.Td fw={550} className={classes.name}>
                <PlainLink to="/launches/$launch" params={{ launch: e.launch_id }} title={e.job_name}>
                  {e.displayname || e.job_name}
                </PlainLink>
              </Table.Td>
              <Table.Td>
                <StateBadge state={statusOf(e)} reason={e.error} />
              </Table.Td>
              <Table.Td className={classes.time}>
                <When at={start} />
              </Table.Td>
              <Table.Td visibleFrom="xs" className={classes.time}>
                {tookFrom(start, timeOf(e.finished_at), now)}
              </Table.Td>
              <Table.Td visibleFrom="sm">{took(e.lateness_ms)}</Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  )
}
