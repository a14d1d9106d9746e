import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { minutesQuery, type Step } from '@/api/cluster'
import { Empty } from '@/ui/Empty'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import { count } from '@/ui/size'
import { took } from '@/ui/time'
import { TimeChart, type Series } from '@/ui/chart/TimeChart'
import classes from './Overview.module.css'

const spans = [
  { label: '1 h', value: '1', step: '1m' },
  { label: '6 h', value: '6', step: '5m' },
  { label: '24 h', value: '24', step: '15m' },
] as const satisfies readonly { label: string; value: string; step: Step }[]

const ends: Series[] = [
  { label: 'succeeded', tone: 'good' },
  { label: 'failed', tone: 'bad' },
  { label: 'stopped', tone: 'calm' },
  { label: 'not run', tone: 'odd' },
]

const late: Series[] = [
  { label: 'median', tone: 'live' },
  { label: 'p95', tone: 'wait' },
]

/** Outcomes and start delays over the last day. */
export function OverTime() {
  const [hours, setHours] = useState<string>('1')
  const span = spans.find(s => s.value === hours)!
  const query = useQuery(minutesQuery(span.step))
  return (
    <Panel
      title="Executions over time"
      aside={<SegmentedControl size="xs" aria-label="Period" data={[...spans]} value={hours} onChange={setHours} />}
    >
      <Loaded query={query} what="the statistics" lines={6}>
        {all => {
          const minutes = all.slice(-bars(span.step, Number(hours)))
          if (!minutes.some(m => m.success_count + m.failed_count + m.not_run_count))
            return (
              <Empty icon="gauge" title="Nothing ended in this period">
                Ended executions are counted here, and due times at which nothing could run.
              </Empty>
            )
          return (
            <>
              <TimeChart
                label="Ended executions over time"
                kind="bars"
                whole
                series={ends}
                format={count}
                points={minutes.map(m => ({
                  at: m.at,
                  values: [m.success_count, m.failed_count - m.stopped_count, m.stopped_count, m.not_run_count],
                }))}
              />
              <h3 className={classes.second}>Start delay</h3>
              <TimeChart
                label="Start delay over time"
                kind="lines"
                height={110}
                series={late}
                format={took}
                points={minutes.map(m => ({
                  at: m.at,
                  values: [m.lateness_ms?.p50 ?? null, m.lateness_ms?.p95 ?? null],
                }))}
              />
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

const minutesOf: Record<Step, number> = { '1m': 1, '5m': 5, '15m': 15, '1h': 60 }
const bars = (step: Step, hours: number) => (hours * 60) / minutesOf[step]
