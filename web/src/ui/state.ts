import type { ExecutionStatus } from '@/api/executions'
import type { Health, Job } from '@/api/jobs'
import type { LaunchState } from '@/api/launches'
import type { IconName } from './Icon'

/** Every state that the page shows. */
export type State = LaunchState | ExecutionStatus | Job['status'] | Health

/** How a state looks: a colour of the theme (see theme.css), an icon, and words. Colour is never the only sign. */
export interface Look {
  tone: Tone
  icon: IconName
  label: string
  /** One sentence for somebody new to the word. */
  meaning: string
}

export type Tone = 'good' | 'bad' | 'live' | 'wait' | 'odd' | 'calm'

const looks: Record<State, Look> = {
  '': { tone: 'calm', icon: 'clock', label: 'never ran', meaning: 'It has not run yet.' },
  success: { tone: 'good', icon: 'check', label: 'success', meaning: 'All targets succeeded.' },
  failed: { tone: 'bad', icon: 'cross', label: 'failed', meaning: 'A target failed in all of its attempts.' },
  partially_failed: {
    tone: 'bad',
    icon: 'alert',
    label: 'partly failed',
    meaning: 'Some targets succeeded, some did not.',
  },
  timed_out: {
    tone: 'bad',
    icon: 'clock',
    label: 'timed out',
    meaning: 'It ran past its timeout and was killed.',
  },
  stopped: { tone: 'odd', icon: 'stop', label: 'stopped', meaning: 'A person or a newer launch stopped it.' },
  lost: {
    tone: 'odd',
    icon: 'question',
    label: 'lost',
    meaning: 'Its node went offline; the outcome is unknown.',
  },
  running: { tone: 'live', icon: 'play', label: 'running', meaning: 'It has started and not ended.' },
  waiting: { tone: 'wait', icon: 'clock', label: 'waiting', meaning: 'It is waiting for a node to run on.' },
  queued: {
    tone: 'wait',
    icon: 'list',
    label: 'queued',
    meaning: 'It is waiting for an earlier launch of the job to end.',
  },
  skipped: {
    tone: 'calm',
    icon: 'skip',
    label: 'skipped',
    meaning: 'It was due but skipped on purpose; see the reason.',
  },
  missed: {
    tone: 'odd',
    icon: 'ban',
    label: 'missed',
    meaning: 'It was due while no server could start it, and is too old to catch up.',
  },
  no_target: {
    tone: 'bad',
    icon: 'ban',
    label: 'no target',
    meaning: 'No live node matched the job’s tags within ten seconds.',
  },
  disabled: {
    tone: 'calm',
    icon: 'pause',
    label: 'disabled',
    meaning: 'It does not start on schedule; it can be run manually.',
  },
  failing: { tone: 'bad', icon: 'cross', label: 'failing', meaning: 'Its last launch failed.' },
  did_not_run: {
    tone: 'bad',
    icon: 'ban',
    label: 'did not run',
    meaning: 'It was due, but nothing ran, or how it ended was lost with its node.',
  },
  late: {
    tone: 'wait',
    icon: 'clock',
    label: 'late',
    meaning: 'It was due over a minute ago and has not started.',
  },
  long_running: {
    tone: 'wait',
    icon: 'history',
    label: 'running long',
    meaning: 'It has been running for over twice its usual time.',
  },
  never_due: {
    tone: 'calm',
    icon: 'calendar',
    label: 'never due',
    meaning: 'No schedule and no parent will start it.',
  },
  ok: { tone: 'good', icon: 'check', label: 'ok', meaning: 'Nothing needs attention.' },
}

/** A newer server may know more states. */
export const lookOf = (state: State): Look =>
  looks[state] ?? { tone: 'calm', icon: 'question', label: state.replaceAll('_', ' '), meaning: '' }
