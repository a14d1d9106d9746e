import type { DueJobs } from '@/api/due'
import { PlainLink } from '@/ui/link'
import { counted } from '@/ui/size'
import { clockTime, shortTime, took } from '@/ui/time'
import type { Crowd } from './crowd'
import { within, type Row } from './rows'
import { second, spanOf, type View } from './scale'
import classes from './Timeline.module.css'
import { rangeOf } from './words'

interface Props {
  rows: Row[]
  by: 'job' | 'node'
  view: View
  now: number
  zone?: string
  crowd: Crowd
  readFrom?: number
  due?: DueJobs
  summed?: Summed
  past: boolean
}

/** What an answer says of how far it is summed up. */
interface Summed {
  gap: number
  single: number
  total: number
}

const named = 12 // idle nodes that are named
const coarse = 40 // of the width: a larger gap between bands is explained

/** What had to be summed up, or left out, since there is too much. */
function Sum({ due, view }: { due: DueJobs; view: View }) {
  const gap = due.gap * second
  if (due.truncated)
    return (
      <span className={classes.gap}>
        Too many jobs: due times of the first {counted(due.jobs.length, 'job')} are shown. Filter the jobs to see
        others.
      </span>
    )
  if (gap < spanOf(view) / coarse) return null
  return (
    <span className={classes.gap}>
      {counted(due.total, 'due time')}: those of a job that are less than {took(gap)} apart are one band. Zoom in or
      filter the jobs to see each.
    </span>
  )
}

/** The same for the past. */
function Joined({ summed, view }: { summed: Summed; view: View }) {
  const gap = summed.gap * second
  if (summed.single > 0 && gap < spanOf(view) / coarse) return null
  return (
    <span className={classes.gap}>
      {counted(summed.total, 'past run')} in bands of {took(gap)}. Zoom in or filter the jobs to see each.
    </span>
  )
}

/** The chart in words: peaks, idle nodes, and what is not loaded. */
export function Summary({ rows, by, view, now, zone, crowd, readFrom, due, summed, past }: Props) {
  const { mostRunning, mostFiring } = crowd
  const time = (at: number) => shortTime(new Date(at), now, zone)
  const idle = by === 'node' ? rows.filter(r => r.name && within(r, view).length === 0) : []
  return (
    <div className={classes.summary}>
      <span>{rangeOf(view, now, zone)}</span>
      {mostRunning && (
        <span>
          {mostRunning.count === 1 ? (
            'Nothing overlaps'
          ) : (
            <>
              At most <b>{mostRunning.count} at once</b>, {clockTime(new Date(mostRunning.at), zone).slice(11)}
            </>
          )}
        </span>
      )}
      {mostFiring && (
        <span>
          Up to <b>{mostFiring.count} due in a minute</b>, {clockTime(new Date(mostFiring.at), zone).slice(11, 16)}
        </span>
      )}
      {idle.length > 0 && (
        <span>
          <b>{counted(idle.length, 'node')} idle</b>:{' '}
          {idle.slice(0, named).map((row, i) => (
            <span key={row.name}>
              {i > 0 && ', '}
              <PlainLink to="/nodes/$node" params={{ node: row.name }}>
                {row.name}
              </PlainLink>
            </span>
          ))}
          {idle.length > named && ` and ${idle.length - named} more`}
        </span>
      )}
      {readFrom !== undefined && readFrom > view.from && (
        <span className={classes.gap}>
          Too much to read: what ended before {time(readFrom)} is not shown (striped). Filter the jobs, or choose a
          shorter period.
        </span>
      )}
      {due && view.to > now && <Sum due={due} view={view} />}
      {summed && view.from < now && <Joined summed={summed} view={view} />}
      {past && <span>Runs that ended long after this period are not shown.</span>}
    </div>
  )
}
