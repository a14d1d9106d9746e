import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { Empty } from '@/ui/Empty'
import { Link, LinkButton, PlainLink } from '@/ui/link'
import { May } from '@/ui/may'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { When } from '@/ui/When'
import { nameOf, shortWords } from '@/ui/words'
import { dueJobsQuery } from './dueJobs'
import { Row, Rows } from './Row'

export function DueNext() {
  const query = useQuery(dueJobsQuery)
  return (
    <Panel flush title="Due next" aside={<Link to="/timeline">Timeline</Link>}>
      <Loaded query={query} what="what is due">
        {({ items }) => {
          const due = items.filter(job => timeOf(job.next))
          if (!due.length)
            return (
              <Empty
                icon="clock"
                title="Nothing is due"
                action={
                  <May verb="write">
                    <LinkButton to="/new" size="xs">
                      New job
                    </LinkButton>
                  </May>
                }
              >
                Scheduled jobs appear here before they run.
              </Empty>
            )
          return (
            <Rows>
              {due.map(job => (
                <Row
                  key={job.name}
                  title={
                    <PlainLink to="/jobs/$job" params={{ job: job.name }}>
                      {nameOf(job)}
                    </PlainLink>
                  }
                  sub={job.schedule_text && shortWords(job.schedule_text)}
                  side={<When at={timeOf(job.next)} />}
                />
              ))}
            </Rows>
          )
        }}
      </Loaded>
    </Panel>
  )
}
