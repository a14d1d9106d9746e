import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { dueQuery, type Due } from '@/api/due'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { counted } from '@/ui/size'
import { When } from '@/ui/When'
import { Row, Rows } from './Row'

export function DueNext() {
  const query = useQuery(dueQuery({ limit: 8 }))
  return (
    <Panel flush title="Due next" aside={<Link to="/timeline">Timeline</Link>}>
      <Loaded query={query} what="what is due">
        {({ due }) =>
          due.length ? (
            <Rows>
              {due.map(d => (
                <Row
                  key={`${d.job} ${d.at}`}
                  title={
                    <PlainLink to="/jobs/$job" params={{ job: d.job }}>
                      {d.displayname || d.job}
                    </PlainLink>
                  }
                  sub={targets(d)}
                  side={<When at={timeOf(d.at)} />}
                />
              ))}
            </Rows>
          ) : (
            <Empty
              icon="clock"
              title="Nothing is due within a day"
              action={
                <LinkButton to="/new" size="xs">
                  Write a job
                </LinkButton>
              }
            >
              A job with a schedule shows here before it runs.
            </Empty>
          )
        }
      </Loaded>
    </Panel>
  )
}

function targets({ count, nodes }: Due): string {
  if (!count) return 'no node matches now'
  return nodes.length && nodes.length <= 3 ? `on ${nodes.join(', ')}` : `on ${counted(count, 'node')}`
}
