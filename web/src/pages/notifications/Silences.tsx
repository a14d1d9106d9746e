import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { timeOf } from '@/api/client'
import { silencesQuery, type Silence } from '@/api/notifications'
import list from '@/ui/alerts/List.module.css'
import { stageOf, type Stage } from '@/ui/alerts/silence'
import { useAlertActions } from '@/ui/alerts/useAlertActions'
import { matchWords } from '@/ui/alerts/words'
import { Empty } from '@/ui/Empty'
import { LinkButton } from '@/ui/link'
import { May } from '@/ui/may'
import { Loaded } from '@/ui/Loaded'
import { Panel } from '@/ui/Panel'
import type { Look } from '@/ui/state'
import { Badge } from '@/ui/StateBadge'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import type { NotificationsSearch } from './search'
import { SilenceForm } from './SilenceForm'

const looks: Record<Stage, Look> = {
  active: { tone: 'live', icon: 'pause', label: 'silent', meaning: 'Rules notice nothing of these jobs now.' },
  planned: { tone: 'wait', icon: 'clock', label: 'planned', meaning: 'It has not begun.' },
  over: { tone: 'calm', icon: 'check', label: 'over', meaning: 'It has ended.' },
}

/** One that was ended before it began. */
const cancelled: Look = { tone: 'calm', icon: 'skip', label: 'cancelled', meaning: 'It was cancelled before it began.' }

const order: Record<Stage, number> = { active: 0, planned: 1, over: 2 }

/** Jobs of which nothing is reported for a time, or the form of a new silence. */
export function Silences({ search: { create, job } }: { search: NotificationsSearch }) {
  const query = useQuery(silencesQuery)
  if (create)
    return (
      <Panel title="New silence">
        <SilenceForm key={job} job={job} />
      </Panel>
    )
  return (
    <Panel flush>
      <Loaded query={query} what="the silences">
        {all => (all.length ? <List silences={all} /> : <None />)}
      </Loaded>
    </Panel>
  )
}

const None = () => (
  <Empty
    icon="pause"
    title="No silences"
    action={
      <May verb="write" all>
        <LinkButton to="/notifications" search={{ tab: 'silences', create: true }}>
          New silence
        </LinkButton>
      </May>
    }
  >
    During maintenance, silence the jobs that it concerns: what happens to them is not reported, and not afterwards
    either. They still run.
  </Empty>
)

function List({ silences }: { silences: readonly Silence[] }) {
  const now = useNow()
  const sorted = silences.toSorted((a, b) => order[stageOf(a, now)] - order[stageOf(b, now)])
  return (
    <ul className={list.list} aria-label="Silences">
      {sorted.map(silence => (
        <Item key={silence.number} silence={silence} stage={stageOf(silence, now)} />
      ))}
    </ul>
  )
}

function Item({ silence, stage }: { silence: Silence; stage: Stage }) {
  const { end } = useAlertActions()
  const words = matchWords(silence.match)
  const verb = stage === 'planned' ? 'Cancel' : 'End now'
  const never = stage === 'over' && timeOf(silence.until)! <= timeOf(silence.from)!
  return (
    <li className={list.item} data-done={stage === 'over' || undefined}>
      <div className={list.what}>
        <div className={list.head}>
          <Badge look={never ? cancelled : looks[stage]} name={stage} />
          <span className={list.name}>{words}</span>
        </div>
        <div className={list.facts}>
          <span>{silence.reason}</span>
        </div>
        <div className={list.facts}>
          {stage === 'planned' && (
            <span>
              from <When at={timeOf(silence.from)} as="time" />
            </span>
          )}
          <span>
            {never ? 'cancelled' : stage === 'over' ? 'ended' : 'until'} <When at={timeOf(silence.until)} as="time" />
          </span>
          <span>
            by {silence.created_by || 'somebody'} <When at={timeOf(silence.created_at)} />
          </span>
          {silence.ended_by && (
            <span>
              {never ? 'cancelled' : 'ended'} by {silence.ended_by}
            </span>
          )}
        </div>
      </div>
      <div className={list.actions}>
        <May verb="write" all>
          {stage !== 'over' && (
            <Button size="xs" variant="default" aria-label={`${verb}: ${words}`} onClick={() => void end(silence)}>
              {verb}
            </Button>
          )}
        </May>
      </div>
    </li>
  )
}
