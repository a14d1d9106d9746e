import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { endangeredQuery, type Objective } from '@/api/objectives'
import { PlainLink } from '@/ui/link'
import { ObjectiveBadge } from '@/ui/objectives/ObjectiveBadge'
import { objectiveWords } from '@/ui/objectives/words'
import { Panel } from '@/ui/Panel'
import { Since } from '@/ui/Since'
import { count } from '@/ui/size'
import { When } from '@/ui/When'
import { jobNameOf } from '@/ui/words'
import classes from './Attention.module.css'

/** How many are shown; the others are counted. */
const most = 8

/** What jobs do not meet, and what they will not meet at this pace. Nothing if there is none. */
export function Objectives() {
  const { data } = useQuery(endangeredQuery(most))
  if (!data?.total) return null
  const more = data.total - data.items.length
  return (
    <Panel flush title="Objectives in danger" aside={more > 0 && `and ${count(more)} more`}>
      <ul className={classes.jobs} aria-label="Objectives in danger">
        {data.items.map(one => (
          <Endangered key={`${one.job} ${one.objective}`} one={one} />
        ))}
      </ul>
    </Panel>
  )
}

function Endangered({ one }: { one: Objective }) {
  const since = timeOf(one.since)
  return (
    <li className={`${classes.job} ${classes.objective}`}>
      <div className={classes.badge}>
        <ObjectiveBadge state={one.state} />
      </div>
      <div className={classes.words}>
        <div className={classes.title}>
          <PlainLink to="/jobs/$job" params={{ job: one.job }} className={classes.name}>
            {jobNameOf(one)}
          </PlainLink>
          <span className={classes.soft}>
            {since ? (
              <Since at={since} />
            ) : (
              <>
                breaks <When at={timeOf(one.breaks_at)} />
              </>
            )}
          </span>
        </div>
        <div className={classes.reason}>
          {objectiveWords(one)}: {one.reason}
        </div>
      </div>
      <div className={classes.owner}>
        {one.owner && (
          <PlainLink to="/jobs" search={{ owner: one.owner }}>
            {one.owner}
          </PlainLink>
        )}
      </div>
    </li>
  )
}
