import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { jobExecutionsQuery } from '@/api/executions'
import type { Job } from '@/api/jobs'
import { Empty } from '@/ui/Empty'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { lookOf } from '@/ui/state'
import { groupsOf, tally, type Group } from './bars'
import classes from './History.module.css'
import { HistoryTable } from './HistoryTable'
import { Picture } from './Picture'

const most = 100

/** The last executions of a job with duration and outcome, as a chart or a table. */
export function History({ job }: { job: Job }) {
  const query = useQuery(jobExecutionsQuery(job.name, most))
  const [view, setView] = useState('chart')
  const choice = (
    <SegmentedControl
      size="xs"
      value={view}
      onChange={setView}
      aria-label="View"
      data={[
        { value: 'chart', label: 'Chart' },
        { value: 'table', label: 'Table' },
      ]}
    />
  )
  return (
    <Panel title="History" aside={choice}>
      <Loaded query={query} what="the history" lines={7}>
        {({ items }) => {
          const groups = groupsOf(items, most)
          if (!groups.length) return <Nothing />
          return (
            <>
              {view === 'chart' ? <Picture groups={groups} /> : <HistoryTable groups={groups} />}
              <Legend groups={groups} />
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

function Legend({ groups }: { groups: Group[] }) {
  return (
    <ul className={classes.legend} aria-label="Outcomes of these executions">
      {tally(groups).map(([status, n]) => {
        const look = lookOf(status)
        return (
          <li key={status} data-tone={look.tone}>
            <Icon name={look.icon} size={13} strokeWidth={2.6} />
            {count(n)} {look.label}
          </li>
        )
      })}
    </ul>
  )
}

function Nothing() {
  return (
    <Empty icon="history" title="Not run yet">
      Each run is a bar: its height shows the duration, its colour and icon the outcome. Run it now to see the first.
    </Empty>
  )
}
