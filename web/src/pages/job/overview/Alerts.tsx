import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { jobAlertsQuery, silencesQuery, type Silence } from '@/api/notifications'
import { AlertList } from '@/ui/alerts/AlertList'
import list from '@/ui/alerts/List.module.css'
import { matches } from '@/ui/alerts/match'
import { stageOf } from '@/ui/alerts/silence'
import { useAlertActions } from '@/ui/alerts/useAlertActions'
import { Panel } from '@/ui/Panel'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { May } from '@/ui/may'

/** What rules noticed of a job and is not over, and the silences that it is under. Hidden if there is neither. */
export function Alerts({ job }: { job: Job }) {
  const alerts = useQuery(jobAlertsQuery(job.name)).data?.items ?? []
  const silences = useSilences(job)
  if (!alerts.length && !silences.length) return null
  return (
    <Panel title="Alerts" flush aside={!silences.length && <Silencing job={job} />}>
      {alerts.length > 0 && <AlertList alerts={alerts} ofJob />}
      {silences.map(silence => (
        <Silent key={silence.number} silence={silence} />
      ))}
    </Panel>
  )
}

function useSilences(job: Job): Silence[] {
  const now = useNow()
  const { data } = useQuery(silencesQuery)
  return (data ?? []).filter(silence => stageOf(silence, now) === 'active' && matches(silence.match, job))
}

const lengths = [
  ['1h', '1 h'],
  ['8h', '8 h'],
  ['24h', '1 d'],
] as const

function Silencing({ job }: { job: Job }) {
  const { silence } = useAlertActions()
  return (
    <May verb="write" all>
      <Group gap={4}>
        Silence for
        {lengths.map(([duration, words]) => (
          <Button
            key={duration}
            size="compact-sm"
            variant="light"
            aria-label={`Silence for ${words}`}
            onClick={() => void silence(job, duration, words)}
          >
            {words}
          </Button>
        ))}
      </Group>
    </May>
  )
}

function Silent({ silence }: { silence: Silence }) {
  const { end } = useAlertActions()
  return (
    <div className={list.item}>
      <div className={list.what}>
        <div className={list.head}>
          <span>
            Silent until <When at={timeOf(silence.until)} as="time" />: nothing is reported
          </span>
        </div>
        <div className={list.facts}>
          <span>
            {silence.reason}, by {silence.created_by || 'somebody'}
          </span>
        </div>
      </div>
      <div className={list.actions}>
        <May verb="write" all>
          <Button size="xs" variant="default" onClick={() => void end(silence)}>
            End now
          </Button>
        </May>
      </div>
    </div>
  )
}
