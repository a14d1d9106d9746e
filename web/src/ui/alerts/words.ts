import type { AlertEvent, Match } from '@/api/notifications'
import type { Look } from '../state'

/** What rules notice, in words, in the order of the guide. */
const events: Record<AlertEvent, string> = {
  failed: 'Failed',
  first_failure: 'Started failing',
  nth_failure: 'Failed several times in a row',
  recovered: 'Recovered',
  lost: 'Lost with its node',
  no_target: 'No node to run on',
  missed: 'Missed its time',
  skipped: 'Skipped',
  ran_long: 'Ran too long',
  ran_short: 'Ran too short',
  output: 'Output matches',
  changed: 'Job changed',
  late: 'Did not start in time',
  long_running: 'Runs too long',
  objective: 'Objective not met',
  reminder: 'Reminder',
  test: 'Test',
  disabled: 'Job disabled',
  deleted: 'Job deleted',
  started: 'Started',
  succeeded: 'Succeeded',
}

/** Those of messages that are not about what a rule looks for. */
const unnamed = new Set<AlertEvent>(['reminder', 'test', 'disabled', 'deleted', 'started', 'succeeded'])

/** Those that a rule can name. */
export const ruleEvents = (Object.keys(events) as AlertEvent[]).filter(e => !unnamed.has(e))

/** A newer server may have more. */
export const eventWords = (event: AlertEvent): string => events[event] ?? event.replaceAll('_', ' ')

const severities: Record<string, Look> = {
  critical: { tone: 'bad', icon: 'alert', label: 'critical', meaning: 'Its rule calls this critical.' },
  warning: { tone: 'wait', icon: 'alert', label: 'warning', meaning: 'Its rule calls this a warning.' },
  info: { tone: 'calm', icon: 'flag', label: 'info', meaning: 'Its rule reports this for information.' },
}

export const severityLook = (severity: string): Look => severities[severity] ?? severities.warning!

/** Which jobs a rule or silence is for: `backup-*, report · owner ann · tag role=db`. */
export function matchWords({ jobs, owner, tags, metadata }: Match): string {
  const pairs = (what: string, all: Record<string, string> | undefined) =>
    Object.entries(all ?? {}).map(([key, value]) => `${what} ${key}=${value}`)
  const words = [
    ...(jobs?.length ? [jobs.join(', ')] : []),
    ...(owner ? [`owner ${owner}`] : []),
    ...pairs('tag', tags),
    ...pairs('metadata', metadata),
  ]
  return words.join(' · ') || 'all jobs'
}

/** The server's duration without its empty parts: `4h0m0s` is `4h`. */
export const shortDuration = (text: string) => text.replace(/([hm])0s$/, '$1').replace(/h0m$/, 'h')

const units: Record<string, string> = { h: 'h', m: 'min', s: 's', ms: 'ms' }

/** The same for reading: `1h30m0s` is `1 h 30 min`, as in the server's reasons. */
export const durationWords = (text: string) =>
  shortDuration(text)
    .replace(/([\d.]+)(ms|[hms])/g, (_, n: string, unit: string) => `${n} ${units[unit]} `)
    .trimEnd()
