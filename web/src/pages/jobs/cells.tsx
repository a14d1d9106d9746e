import { timeOf } from '@/api/client'
import type { Job } from '@/api/jobs'
import { PlainLink } from '@/ui/link'
import { count, percent } from '@/ui/size'
import { StateBadge } from '@/ui/StateBadge'
import { When } from '@/ui/When'
import { nameOf, scheduleOf } from '@/ui/words'
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
  return (
    <div className={classes.standing}>
      {job.disabled && <StateBadge state="disabled" />}
      {!(job.disabled && !job.status) && <StateBadge state={job.status} compact={job.disabled} />}
      <Busy n={job.running} word="running" tone="live" />
      <Busy n={job.queued} word="queued" tone="wait" />
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
  const zone = job.timezone && !text.includes(job.timezone) ? job.timezone : ''
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

/** When it last ran; if the list is sorted by last success or failure, that one. */
export function LastRun({ job }: { job: Job }) {
  const { sort } = useList()
  const last = sort === 'last_success' || sort === 'last_error' ? job[sort] : later(job.last_success, job.last_error)
  return <When at={timeOf(last)} none="never" />
}

/** The share that succeeded; if the list is sorted by successes or failures, their number. */
export function Success({ job }: { job: Job }) {
  const { sort } = useList()
  const { success_count: good = 0, error_count: bad = 0 } = job
  if (sort === 'success_count') return <span>{count(good)}</span>
  if (sort === 'error_count') return <span>{count(bad)}</span>
  const all = good + bad
  if (all === 0) return <span className={classes.soft}>–</span>
  const label = `${count(good)} succeeded, ${count(bad)} failed`
  return (
    <div className={classes.success} title={`${label} of ${count(all)} executions`}>
      <span className={classes.bar} aria-hidden="true">
        <span style={{ width: `${(good / all) * 100}%` }} />
      </span>
      <span>{percent(good / all)}</span>
      <span className="spoken">: {label}</span>
    </div>
  )
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
