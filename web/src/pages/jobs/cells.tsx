import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { PlainLink } from '@/ui/link'
import { count, percent } from '@/ui/size'
import { HealthBadge } from '@/ui/HealthBadge'
import { restOf, troubleOf } from '@/ui/health'
import { RecentRuns } from '@/ui/RecentRuns'
import { StateBadge } from '@/ui/StateBadge'
import { When } from '@/ui/When'
import { endsOf, nameOf, openOf, scheduleOf, zoneOf } from '@/ui/words'
import classes from './cells.module.css'
import { useList } from './list'
import { Tick } from './Tick'
import { afterOf, later } from './timing'

/** The cells of a row or card. */

export function Pick({ job, selected }: { job: Job; selected: boolean }) {
  const { selecting } = useList()
  return <Tick label={`Select ${nameOf(job)}`} checked={selected} onChange={on => selecting.set([job], on)} />
}

export function Name({ job }: { job: Job }) {
  return (
    <div className={classes.name}>
      <PlainLink to="/jobs/$job" params={{ job: job.name }} className={classes.title} data-job-link>
        {nameOf(job)}
      </PlainLink>
      {job.displayname && job.displayname !== job.name && <span className={classes.id}>{job.name}</span>}
    </div>
  )
}

export function State({ job }: { job: Job }) {
  const state = troubleOf(job) ?? restOf(job)
  const open = openOf(job)
  return (
    <div className={classes.standing}>
      {job.disabled && <StateBadge state="disabled" />}
      {!(job.disabled && !state) && <HealthBadge job={job} state={state} compact={job.disabled} />}
      <Busy n={open.running} word="running" tone="live" />
      <Busy n={open.waiting} word="waiting" tone="wait" />
      <Busy n={open.queued} word="queued" tone="wait" />
    </div>
  )
}

function Busy({ n, word, tone }: { n: number | undefined; word: string; tone: string }) {
  if (!n) return null
  return (
    <span className={classes.busy} data-tone={tone}>
      <span className={classes.dot} />
      {count(n)} {word}
    </span>
  )
}

export function Timing({ job }: { job: Job }) {
  const after = afterOf(job)
  if (after.length > 0) {
    return (
      <div className={classes.timing}>
        {after.map(({ before, job: parent, how }) => (
          <span key={parent}>
            {before}
            <PlainLink to="/jobs/$job" params={{ job: parent }} className={classes.parent}>
              {parent}
            </PlainLink>
            {how && <span className={classes.soft}> ({how})</span>}
          </span>
        ))}
      </div>
    )
  }
  const { text, raw } = scheduleOf(job)
  const zone = zoneOf(job, text)
  return (
    <div className={classes.timing} title={raw ? undefined : job.schedule}>
      {raw ? <code className={classes.raw}>{text}</code> : text}
      {zone && <span className={classes.zone}>{zone}</span>}
    </div>
  )
}

export function Next({ job }: { job: Job }) {
  return <When at={job.disabled ? undefined : timeOf(job.next)} />
}

/** The last launches as squares. */
export const Recent = ({ job }: { job: Job }) => <RecentRuns launches={job.recent_launches ?? []} of={nameOf(job)} />

/** When it last ran. */
export const LastRun = ({ job }: { job: Job }) => (
  <When at={timeOf(later(job.last_success, job.last_error))} none="never" />
)

/** The share of its executions that succeeded. */
export function Success({ job }: { job: Job }) {
  const { good, bad, stopped } = endsOf(job)
  if (good + bad === 0) return <span className={classes.soft}>–</span>
  const label = `${count(good)} succeeded, ${count(bad)} failed`
  return (
    <span title={stopped ? `${label}; ${count(stopped)} stopped or replaced, which count as neither` : label}>
      {percent(good / (good + bad))}
      <span className="spoken">: {label}</span>
    </span>
  )
}

/** What the list is sorted by, if no other column shows it. */
export function Sorted({ job }: { job: Job }) {
  const { sort } = useList()
  switch (sort) {
    case 'success_count':
    case 'error_count':
      return count(job[sort] ?? 0)
    case 'last_success':
    case 'last_error':
      return <When at={timeOf(job[sort])} none="never" />
    case 'updated_at':
      return <When at={timeOf(job.updated_at)} />
    case 'executor':
      return job.executor || '–'
    default:
      return job.displayname || '–'
  }
}

export function Owner({ job }: { job: Job }) {
  const { narrow } = useList()
  const { owner } = job
  if (!owner) return <span className={classes.soft}>–</span>
  return (
    <button
      type="button"
      className={classes.owner}
      title={`Filter by owner ${owner}`}
      onClick={() => narrow({ owner })}
    >
      {owner}
    </button>
  )
}

const mostTags = 2

export function Targets({ job }: { job: Job }) {
  const { narrow } = useList()
  const tags = Object.entries(job.tags ?? {})
  if (tags.length === 0) return <span className={classes.soft}>all nodes</span>
  const rest = tags.slice(mostTags).map(([key, value]) => `${key}=${value}`)
  return (
    <div className={classes.tags}>
      {tags.slice(0, mostTags).map(([key, value]) => (
        <button
          key={key}
          type="button"
          className={classes.tag}
          title={`Filter by tag ${key}=${value}`}
          onClick={() => narrow({ tags: { [key]: value } })}
        >
          {key}={value}
        </button>
      ))}
      {rest.length > 0 && (
        <span className={classes.soft} title={rest.join(', ')}>
          +{rest.length}
        </span>
      )}
    </div>
  )
}
