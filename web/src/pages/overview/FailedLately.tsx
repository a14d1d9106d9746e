import { useInfiniteQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { badStates, launchesQuery } from '@/api/launches'
import { Empty } from '@/ui/Empty'
import { Link, PlainLink } from '@/ui/link'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { StateBadge } from '@/ui/StateBadge'
import { When } from '@/ui/When'
import { reasonOf } from '@/ui/words'
import { Row, Rows } from './Row'

/** Launches that need attention. */
export function FailedLately() {
  const query = useInfiniteQuery(launchesQuery({ state: [...badStates] }, 8))
  return (
    <Panel
      flush
      title="Recent failures"
      aside={
        <Link to="/launches" search={{ state: [...badStates] }}>
          All failures
        </Link>
      }
    >
      <Loaded query={query} what="the failures">
        {({ pages: [first] }) =>
          first?.items.length ? (
            <Rows>
              {first.items.map(l => (
                <Row
                  key={l.id}
                  mark={<StateBadge state={l.state} />}
                  title={
                    <PlainLink to="/launches/$launch" params={{ launch: l.id }}>
                      {l.job}
                    </PlainLink>
                  }
                  sub={reasonOf(l) || (l.nodes > 1 ? `${l.failed} of ${l.nodes} targets` : undefined)}
                  side={<When at={timeOf(l.ended_at)} />}
                />
              ))}
            </Rows>
          ) : (
            <Empty icon="check" title="No failures">
              Launches that failed, timed out, were lost or found no node appear here with the reason.
            </Empty>
          )
        }
      </Loaded>
    </Panel>
  )
}
