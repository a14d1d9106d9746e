import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { jobObjectivesQuery, type Objective } from '@/api/objectives'
import { ObjectiveBadge } from '@/ui/objectives/ObjectiveBadge'
import { objectiveWords } from '@/ui/objectives/words'
import { Panel } from '@/ui/Panel'
import { Since } from '@/ui/Since'
import { When } from '@/ui/When'
import classes from './Processors.module.css'

/** What people expect of a job, and how that stands; undefined until it is known or if nothing is expected. */
export function useObjectives(job: string): Objective[] | undefined {
  const { data } = useQuery(jobObjectivesQuery(job))
  return data?.items.length ? data.items : undefined
}

/** A job's objectives, worst first. */
export function Objectives({ list }: { list: Objective[] }) {
  return (
    <Panel title="Objectives">
      <ul className={classes.list} aria-label="Objectives">
        {list.map(one => (
          <li key={one.objective}>
            <div className={classes.head}>
              <b>{objectiveWords(one)}</b>
              <ObjectiveBadge state={one.state} />
            </div>
            <div className={classes.soft}>
              <Time one={one} />
              {one.reason}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Time({ one }: { one: Objective }) {
  const [since, breaks] = [timeOf(one.since), timeOf(one.breaks_at)]
  if (!since && one.state !== 'at_risk') return null
  return (
    <>
      {since ? (
        <Since at={since} capital />
      ) : (
        <>
          Breaks <When at={breaks} />
        </>
      )}
      {one.reason && ': '}
    </>
  )
}
