import { timeOf } from '@/api/client'
import type { Health, Job, RecentLaunch } from '@/api/jobs'
import { count } from './size'
import { lookOf, type State } from './state'
import { clockTime, shortTime, took } from './time'

/** What a job's health means to its reader, in words. Looks are in state.ts. */

/** What needs attention, the most urgent first. */
const troubles = ['failing', 'did_not_run', 'late', 'long_running'] as const satisfies readonly Health[]

/** What is wrong with a job; undefined if nothing is. */
export const troubleOf = ({ health }: Pick<Job, 'health'>) => troubles.find(trouble => trouble === health)

/** A job's state apart from trouble and from what it does now: how its last launch ended. */
export function restOf(job: Pick<Job, 'status' | 'health' | 'last_launch' | 'schedule'>): State {
  if (job.health === 'waiting') return 'waiting'
  if (job.last_launch) return job.last_launch.state
  const scheduled = job.schedule && job.schedule !== '@manually'
  return job.status || (job.health === 'never_due' && scheduled ? 'never_due' : '')
}

/** The number of failures in a row as a badge shows it: `× 45`; nothing for a single one. */
export const streakOf = ({ health, failure_streak: n = 0 }: Pick<Job, 'health' | 'failure_streak'>) =>
  health === 'failing' && n > 1 ? `× ${count(n)}` : ''

/** Since when, and why: `since 19:58, 45 in a row: exit code 17`. */
export function healthWords(job: Job, now: number, zone?: string): string {
  const since = timeOf(job.health_since)
  const streak = job.failure_streak ?? 0
  const facts = [
    ...(since ? [`since ${sinceWords(since, now, zone)}`] : []),
    ...(job.health === 'failing' && streak > 1 ? [`${count(streak)} in a row`] : []),
  ].join(', ')
  return [facts, troubleOf(job) ? lastReason(job) : ''].filter(Boolean).join(': ')
}

/** `19:58`, or `2026-11-24 19:58` on another day. */
export function sinceWords(at: Date, now: number, zone?: string): string {
  const text = shortTime(at, now, zone)
  return text.length === 8 ? text.slice(0, 5) : text
}

/** Why the last launch failed or did not run. Of late and long-running jobs that says nothing. */
export const lastReason = ({ health, last_launch: last }: Pick<Job, 'health' | 'last_launch'>) =>
  health === 'failing' || health === 'did_not_run' ? (last?.reason ?? '') : ''

/** Whether nothing of a launch ran. */
export const ranNothing = ({ started_at, state }: RecentLaunch) =>
  !started_at && !['waiting', 'queued', 'running'].includes(state)

/** A launch in one line: when, how it ended, how long it took, and why. */
export function launchWords(launch: RecentLaunch, now: number, zone?: string): string {
  const at = timeOf(launch.started_at) ?? timeOf(launch.scheduled_at)
  const length = lengthOf(launch, now)
  return [
    lookOf(launch.state).label,
    ...(at ? [clockTime(at, zone)] : []),
    ...(length === undefined ? [] : [`${launch.ended_at ? 'took' : 'for'} ${took(length)}`]),
    ...(launch.reason ? [launch.reason] : []),
  ].join(' · ')
}

/** How long it ran, in milliseconds, up to now if it has not ended; undefined if it did not start. */
function lengthOf({ started_at, ended_at }: RecentLaunch, now: number): number | undefined {
  const start = timeOf(started_at)
  return start && Math.max(0, (timeOf(ended_at)?.getTime() ?? now) - start.getTime())
}
