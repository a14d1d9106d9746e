import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { runningQuery, type Execution } from '@/api/executions'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { tookFrom } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { Row, Rows } from './Row'

const shown = 8

export function RunningNow() {
  const query = useQuery(runningQuery)
  return (
    <Panel
      flush
      title="Running now"
      aside={
        <Link to="/launches" search={{ state: ['running'] }}>
          All running
        </Link>
      }
    >
      <Loaded query={query} what="the executions">
        {({ items }) =>
          items.length ? (
            <Rows>
              {items.slice(0, shown).map(e => (
                <Running key={`${e.job_name} ${e.id}`} execution={e} />
              ))}
            </Rows>
          ) : (
            <Empty
              icon="play"
              title="Nothing is running"
              action={
                <LinkButton to="/jobs" variant="default" size="xs">
                  Find a job to run
                </LinkButton>
              }
            >
              Executions appear here as they start, with live output.
            </Empty>
          )
        }
      </Loaded>
    </Panel>
  )
}

function Running({ execution: e }: { execution: Execution }) {
  const now = useNow()
  const start = timeOf(e.started_at)
  return (
    <Row
      mark={<StateBadge state="running" compact />}
      title={
        <PlainLink to="/launches/$launch" params={{ launch: e.launch_id }} title={e.job_name}>
          {e.displayname || e.job_name}
        </PlainLink>
      }
      sub={
        <>
          on{' '}
          <PlainLink to="/nodes/$node" params={{ node: e.node_name }}>
            {e.node_name}
          </PlainLink>
          {e.attempt > 1 && `, attempt ${e.attempt}`}
        </>
      }
      side={start && tookFrom(start, undefined, now)}
    />
  )
}
