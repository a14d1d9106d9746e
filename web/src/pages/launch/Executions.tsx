import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useState, type CSSProperties } from 'react'
import { timeOf } from '@/api/client'
import { statusOf, type Execution } from '@/api/executions'
import { openStates, type Launch } from '@/api/launches'
import { Icon } from '@/ui/Icon'
import { PlainLink } from '@/ui/link'
import { useMay } from '@/ui/may'
import { Panel } from '@/ui/Panel'
import { bytes, count, counted } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import { lookOf, type State } from '@/ui/state'
import { took, tookFrom } from '@/ui/time'
import { useNow } from '@/ui/useNow'
import { When } from '@/ui/When'
import { plainReason } from '@/ui/words'
import { useStop } from './Actions'
import classes from './Executions.module.css'
import { targetsOf } from './grid'
import { mostOutputs } from './search'
import { usedWords } from './used'

const first = 24 // targets shown initially

interface Props {
  launch: Launch
  /** Ids of the executions whose output is shown. */
  shown: string[]
  choose: (ids: string[]) => void
}

/** A card per attempt; a row of cards per target, whose retries may be on other nodes, if there was more than one attempt. */
export function Executions({ launch, shown, choose }: Props) {
  const [all, setAll] = useState(false)
  const stop = useStop(launch)
  const executions = launch.executions ?? []
  const targets = targetsOf(executions)
  const attempts = Math.max(...executions.map(e => e.attempt))
  const visible = all ? targets : targets.slice(0, first)
  return (
    <Panel title="Executions" aside={<Summary launch={launch} targets={targets.length} />}>
      <div className={classes.scroll}>
        <div
          className={classes.grid}
          data-attempts={attempts > 1 || undefined}
          style={{ '--attempts': attempts } as CSSProperties}
        >
          {visible.flatMap((target, row) =>
            target.attempts.map(e => (
              <Card
                key={e.id}
                execution={e}
                row={row + 1}
                several={attempts > 1}
                shown={shown.includes(e.id)}
                full={shown.length >= mostOutputs}
                show={() => choose([e.id])}
                compare={
                  executions.length > 1 && !(shown.length === 1 && shown[0] === e.id)
                    ? () => choose(toggled(shown, e.id))
                    : undefined
                }
                stop={() => stop(e)}
              />
            )),
          )}
        </div>
      </div>
      {targets.length > visible.length && (
        <Button mt="sm" size="xs" variant="default" onClick={() => setAll(true)}>
          Show all {count(targets.length)} targets
        </Button>
      )}
    </Panel>
  )
}

const toggled = (ids: string[], id: string) => (ids.includes(id) ? ids.filter(i => i !== id) : [...ids, id])

function Summary({ launch, targets }: { launch: Launch; targets: number }) {
  const rest = launch.nodes - targets
  const pausing =
    openStates.includes(launch.state) && rest <= 0 && launch.executions?.every(e => statusOf(e) !== 'running')
  return (
    <span className={classes.summary}>
      {counted(targets, 'target')}, {counted(launch.executions?.length ?? 0, 'execution')}
      {rest > 0 && `; ${counted(rest, 'target')} not started`}
      {pausing && '; a retry follows'}
    </span>
  )
}

interface CardProps {
  execution: Execution
  row: number
  several: boolean
  shown: boolean
  full: boolean
  show: () => void
  compare?: () => void
  stop: () => void
}

function Card({ execution: e, row, several, shown, full, show, compare, stop }: CardProps) {
  const status = statusOf(e)
  const may = useMay()
  const place = several ? ({ '--row': row, '--attempt': e.attempt } as CSSProperties) : undefined
  const label = shown ? `Hide the output of ${e.node_name}` : `Add the output of ${e.node_name}`
  return (
    <article
      className={classes.card}
      data-shown={shown || undefined}
      data-tone={lookOf(status).tone}
      data-retry={e.attempt > 1 || undefined}
      style={place}
    >
      <button type="button" className={classes.choose} onClick={show} aria-pressed={shown}>
        <span className="spoken">
          Output of {e.node_name}, attempt {e.attempt}
        </span>
      </button>
      <div className={classes.top}>
        <PlainLink to="/nodes/$node" params={{ node: e.node_name }} className={classes.node}>
          {e.node_name}
        </PlainLink>
        {several && <span className={classes.attempt}>attempt {e.attempt}</span>}
        <span className={classes.tools}>
          {status === 'running' && may('stop') && <Tool icon="stop" label={`Stop on ${e.node_name}`} onClick={stop} />}
          {compare && (shown || !full) && <Tool icon={shown ? 'cross' : 'plus'} label={label} onClick={compare} />}
        </span>
      </div>
      <Line execution={e} status={status} />
    </article>
  )
}

function Line({ execution: e, status }: { execution: Execution; status: State }) {
  const used = usedWords(e)
  return (
    <>
      <div className={classes.line}>
        <StateBadge state={status} reason={e.error} />
        <Took execution={e} />
        {e.exit_code !== undefined && e.exit_code !== 0 && <span>exit code {e.exit_code}</span>}
      </div>
      <div className={classes.soft}>
        <When at={timeOf(e.started_at)} />
        {(e.lateness_ms ?? 0) >= 1000 && <span className={classes.late}>{took(e.lateness_ms ?? 0)} late</span>}
        <span>{bytes(e.output_size ?? 0)}</span>
      </div>
      {used && <div className={classes.soft}>{used}</div>}
      {e.left_running && <div className={classes.soft}>left running: {e.left_running.join(', ')}</div>}
      {e.stop_requested_at && (
        <div className={classes.soft}>
          stop requested{e.stop_requested_by && ` by ${e.stop_requested_by}`}
          {e.stop_reason && `: ${plainReason(e.stop_reason)}`}
        </div>
      )}
    </>
  )
}

function Took({ execution: e }: { execution: Execution }) {
  return <span>{tookFrom(timeOf(e.started_at), timeOf(e.finished_at), useNow())}</span>
}

function Tool({ icon, label, onClick }: { icon: 'stop' | 'plus' | 'cross'; label: string; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={24} aria-label={label} onClick={onClick}>
        <Icon name={icon} size={15} />
      </ActionIcon>
    </Tooltip>
  )
}
